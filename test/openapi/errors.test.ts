/** What comes out when a call fails: what helps, and nothing secret. */
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { SourceUnavailable } from "@effect-alicloud/credentials/CredentialsError"
import * as Ecs from "@effect-alicloud/openapi/Ecs"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as OpenApiError from "@effect-alicloud/openapi/OpenApiError"
import * as Sts from "@effect-alicloud/openapi/Sts"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Redacted, Schema } from "effect"
import { cloud, oidcToken, providerArn, roleArn } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { json, network } from "../kit/world.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, world } from "./utils/identities.ts"

const secrets = { accessKeySecret: "s3cr3t+key/=", securityToken: "s3cr3t token\"" }

const session = Credentials.sts({ type: "sts", providerName: "test", accessKeyId: "STS.Test", ...secrets })

const encode = Schema.encodeSync(OpenApiError.OpenApiError)

const Named = Schema.Struct({ Name: Schema.String })

/** The error of a call that is answered in this way. */
const errorFrom = (answer: () => Response, call: OpenApi.Call = {}) =>
  Effect.gen(function*() {
    const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26", retries: 0 })
    const error = yield* errorOf(client.call("RunInstances", { ...call, schema: Named }))
    assertNoLeak(encode(error))
    return error
  }).pipe(Effect.provide(Layer.merge(network(answer).layer, TestCredentials.layer(session))))

const requestId = "7463B73D-0000-4000-8000-000000000001"

const recommend = `https://api.aliyun.com/troubleshoot?q=InvalidVpcId.NotFound&product=Ecs&requestId=${requestId}`

describe("a refusal", () => {
  const expected = {
    _tag: "ApiError" as const,
    action: "RunInstances",
    code: "InvalidVpcId.NotFound",
    serverMessage: "The VPC does not exist.",
    requestId,
    status: 404
  }

  it.effect("has code, message, request id, status and recommendation", () =>
    Effect.gen(function*() {
      const error = yield* errorFrom(() =>
        json({
          RequestId: requestId,
          HostId: "ecs.aliyuncs.com",
          Code: expected.code,
          Message: expected.serverMessage,
          Recommend: recommend
        }, 404)
      )
      assert.deepInclude(error, { ...expected, recommend })
      assert.strictEqual(
        error.message,
        `RunInstances was refused (HTTP 404, code InvalidVpcId.NotFound, request id ${requestId}). The VPC does not exist.`
      )
    }))

  it.effect("is read in the lower case of ROA style APIs", () =>
    Effect.gen(function*() {
      const error = yield* errorFrom(() =>
        json({ requestId, code: expected.code, message: expected.serverMessage, recommend }, 404)
      )
      assert.deepInclude(error, { ...expected, recommend })
    }))

  it.effect("is read in XML", () =>
    Effect.gen(function*() {
      const { code, serverMessage } = expected
      const error = yield* errorFrom(() =>
        new Response(
          `<?xml version='1.0' encoding='UTF-8'?><Error><RequestId>${requestId}</RequestId><HostId>h</HostId>` +
            `<Code>${code}</Code><Message>${serverMessage}</Message></Error>`,
          { status: 404 }
        )
      )
      assert.deepInclude(error, expected)
    }))

  it.effect("is noticed behind status 200 when the answer is not what was expected", () =>
    Effect.gen(function*() {
      const body = { RequestId: requestId, Code: expected.code, Message: expected.serverMessage }
      assert.deepInclude(yield* errorFrom(() => json(body)), { ...expected, status: 200 })
    }))

  it.effect.each(
    [
      ["a page", () => new Response("<html>s3cr3t</html>", { status: 502 }), 502],
      ["nothing", () => new Response(null, { status: 403 }), 403],
      ["a list", () => json(["s3cr3t"], 400), 400],
      ["null", () => json(null, 400), 400],
      ["odd fields", () => json({ Code: 7, Message: {}, RequestId: [], Recommend: 1 }, 400), 400],
      [
        "words that are no codes",
        () => json({ Code: "s3cr3t {}", RequestId: "s3cr3t", Recommend: "http://x" }, 400),
        400
      ]
    ] as const
  )("that is %s has its status", ([, answer, status]) =>
    Effect.gen(function*() {
      const error = yield* errorFrom(answer)
      assert.deepInclude(error, { _tag: "ApiError", status, code: undefined, requestId: undefined })
      assert.strictEqual(error.message, `RunInstances was refused (HTTP ${status}).`)
    }))

  it.effect("takes its request id from the header when the body has none", () =>
    Effect.gen(function*() {
      const error = yield* errorFrom(() =>
        new Response("", { status: 500, headers: { "x-acs-request-id": requestId } })
      )
      assert.deepInclude(error, { requestId })
    }))
})

describe("the service's words", () => {
  const worded = (Message: string, Code = "InvalidParameter", call?: OpenApi.Call) =>
    Effect.map(
      errorFrom(() => json({ Code, Message }, 400), call),
      (error) => error._tag === "ApiError" ? error.serverMessage : error._tag
    )

  it.effect.each([
    ["The thing is wrong. server string to sign is:GET&%2F&SecurityToken%3Ds3cr3t", "The thing is wrong."],
    ["Wrong. Server String To Sign is: s3cr3t", "Wrong."],
    ["Wrong: stringToSign=s3cr3t", "Wrong:"],
    ["Wrong. CanonicalRequest is s3cr3t", "Wrong."],
    ["server string to sign is:s3cr3t", undefined],
    [" \n two\r\n\u2028lines \u0000 ", "two lines"],
    ["", undefined]
  ] as ReadonlyArray<readonly [text: string, shown: string | undefined]>)(
    "are shown without what they quote of the signed text: %j",
    ([text, shown]) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* worded(text), shown)
      })
  )

  it.effect.each(["SignatureDoesNotMatch", "IncompleteSignature", "InvalidSignature"])(
    "are not shown for %s",
    (code) =>
      Effect.gen(function*() {
        assert.isUndefined(yield* worded("anything s3cr3t", code))
      })
  )

  it.effect("are shown without the credentials of the call, however they are written", () =>
    Effect.gen(function*() {
      const { accessKeySecret, securityToken } = secrets
      const text = [
        accessKeySecret,
        encodeURIComponent(accessKeySecret),
        securityToken,
        encodeURIComponent(securityToken),
        JSON.stringify(securityToken)
      ].join(" and ")
      const redacted = "<redacted>"
      assert.strictEqual(
        yield* worded(`Got ${text}.`),
        `Got ${redacted} and ${redacted} and ${redacted} and ${redacted} and "${redacted}".`
      )
    }))

  it.effect("are shown without the parameters that are marked as secret", () =>
    Effect.gen(function*() {
      const password = Redacted.make("s3cr3t-password")
      for (const params of [{ Password: password }, { Login: [{ Password: password }] }]) {
        const shown = yield* worded("The password s3cr3t-password is too short.", "InvalidPassword", { params })
        assert.strictEqual(shown, "The password <redacted> is too short.")
      }
    }))

  it.effect("are not longer than a kilobyte", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* worded("漢".repeat(5000)), "漢".repeat(1024))
    }))

  it.effect.prop(
    "never show a secret, wherever the service puts it",
    {
      field: fc.constantFrom("Code", "Message", "RequestId", "Recommend", "HostId", "Name"),
      secret: fc.constantFrom(...Object.values(secrets)),
      around: fc.tuple(fc.string(), fc.string()),
      status: fc.constantFrom(200, 400, 403, 429, 500, 503)
    },
    ({ around: [before, after], field, secret, status }) => {
      const text = `${before}${secret}${after}`
      const document = { Code: "Wrong", Name: 1 }
      return Effect.asVoid(Effect.all([
        errorFrom(() => json({ ...document, [field]: [text] }, status)),
        errorFrom(() => json(field === "Name" ? { ...document, Other: text } : { ...document, [field]: text }, status))
      ]))
    }
  )
})

describe("an answer that is not understood", () => {
  it.effect.each(
    [
      ["not JSON", "{s3cr3t", "the document is not JSON"],
      ["empty", "", "the document must be an object, not undefined"],
      ["a list", "[\"s3cr3t\"]", "the document must be an object, not array"],
      ["of another type inside", "{\"Name\":[\"s3cr3t\"]}", "Name must be a string, not array"],
      ["incomplete", "{\"Other\":\"s3cr3t\"}", "Name is missing"]
    ] as const
  )("because it is %s says where, without quoting it", ([, body, issue]) =>
    Effect.gen(function*() {
      const error = yield* errorFrom(() => new Response(body, { headers: { "x-acs-request-id": requestId } }))
      assert.deepInclude(error, { _tag: "MalformedResponse", status: 200, issues: [issue] })
      assert.strictEqual(
        error.message,
        `The answer of RunInstances is not usable (HTTP 200, request id ${requestId}): ${issue}.`
      )
    }))

  it.effect("is not read without end", () =>
    Effect.gen(function*() {
      let sent = 0
      const chunk = new Uint8Array(1024 * 1024)
      const endless = () =>
        new ReadableStream<Uint8Array>({
          pull: (controller) => {
            sent++
            controller.enqueue(chunk)
          }
        })
      const error = yield* errorFrom(() => new Response(endless()))
      assert.deepInclude(error, { _tag: "MalformedResponse", issues: ["it is larger than 32 MiB"] })
      assert.isBelow(sent, 40)
    }))

  it.effect("may be large, and may be nothing when the schema says so", () => {
    const text = "x".repeat(2 * 1024 * 1024)
    const answers = [json({ Name: text }), new Response(null, { status: 204 }), new Response("")]
    const { layer } = network(() => answers.shift() ?? json({}))
    return Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26" })
      const found = yield* client.call("GetName", { schema: Named })
      assert.strictEqual(found.Name, text)
      assert.isUndefined(yield* client.call("GetName", { schema: Schema.Void }))
      assert.isUndefined(yield* client.call("GetName", { schema: Schema.Undefined }))
    }).pipe(Effect.provide(Layer.merge(layer, TestCredentials.layer())))
  })
})

describe("no error shows a secret", () => {
  const faults: ReadonlyArray<Fault> = [
    { endpoint: "sts", kind: "status", status: 500, body: "s3cr3t" },
    { endpoint: "sts", kind: "error", status: 400, code: "Refused", message: "server string to sign is:s3cr3t" },
    { endpoint: "sts", kind: "throttle" },
    { endpoint: "sts", kind: "refuse" },
    { endpoint: "sts", kind: "disconnect" },
    { endpoint: "sts", kind: "malformed", body: "{\"s3cr3t\": s3cr3t" },
    { endpoint: "sts", kind: "malformed", body: "\"s3cr3t\"" },
    { endpoint: "sts", kind: "redirect", location: "https://example.com/?token=s3cr3t" },
    { endpoint: "sts", kind: "truncate" },
    { endpoint: "sts", kind: "dropField", field: "AccessKeyId" },
    { endpoint: "sts", kind: "setField", field: "AccessKeySecret", value: ["s3cr3t"] },
    { endpoint: "sts", kind: "setField", field: "Expiration", value: "s3cr3t" },
    { endpoint: "sts", kind: "setField", field: "Credentials", value: "s3cr3t" }
  ]

  const calls = [
    ["AssumeRole", Sts.assumeRole({ roleArn: roleArn("open"), roleSessionName: "test" })],
    [
      "AssumeRoleWithOIDC",
      Sts.assumeRoleWithOidc({
        roleArn: roleArn("pod"),
        roleSessionName: "test",
        oidcProviderArn: providerArn,
        oidcToken: Redacted.make(oidcToken)
      })
    ]
  ] as const

  it.effect.each(calls.flatMap(([action, call]) => faults.map((fault) => ({ action, call, fault }))))(
    "of $action, for $fault.kind",
    ({ call, fault }) =>
      Effect.gen(function*() {
        const error = yield* drive(errorOf(call))
        assertNoLeak(encode(error))
      }).pipe(
        Effect.provide(Layer.provideMerge(
          Layer.provide(Sts.layer({ signature: "HMAC-SHA1" }), accessKey),
          cloud({ ...world, faults: [fault] }).layer
        ))
      )
  )

  it.effect.each(["ACS3-HMAC-SHA256", "HMAC-SHA1"] as const)(
    "for an unknown bearer token, %s",
    (signature) =>
      Effect.gen(function*() {
        const error = yield* errorOf(Ecs.describeRegions())
        assert.deepInclude(error, { _tag: "ApiError", code: "InvalidBearerToken" })
      }).pipe(
        Effect.provide(Layer.provideMerge(
          Layer.provide(Ecs.layer({ signature }), BearerToken.layer({ bearerToken: Redacted.make("s3cr3t-unknown") })),
          cloud(world).layer
        ))
      )
  )

  it.effect("and the errors of a source pass through as they are", () =>
    Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26" })
      const error = yield* errorOf(client.call("DescribeRegions", { schema: Schema.Unknown }))
      assert.deepInclude(error, { _tag: "SourceUnavailable", source: "Test", detail: "nothing here" })
    }).pipe(Effect.provide(Layer.merge(
      network(() => json({})).layer,
      TestCredentials.failing(new SourceUnavailable({ source: "Test", detail: "nothing here", hint: "" }))
    ))))
})
