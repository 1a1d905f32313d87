/** What the client signs, as it leaves for the network, is what the official client would sign. */
import { OpenApiUtil } from "@alicloud/openapi-core"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Layer, Redacted, Schema, TestClock } from "effect"
import { createHash } from "node:crypto"
import { runs } from "../kit/long.ts"
import * as recorder from "./utils/recorder.ts"

/** More than a thousand requests all in all. */
const settings = { fastCheck: { numRuns: runs(60, 100) }, timeout: 120_000 }

const unit = fc.oneof(
  fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  fc.constantFrom(..." %+*~!'()&=/;#\r\n\0é漢\uFFFD\uE000😀")
)

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.string({ unit, maxLength: 12 }))

/** Official clients write names into the signed query as they are, so that only plain ones can be compared there. */
const plainName = fc.string({ unit: fc.constantFrom(..."ABCXYZabcxyz019-_~"), minLength: 1, maxLength: 8 })
  .filter((name) => name !== "__proto__")

/** Official clients sort names by UTF-16; where that differs from UTF-8, the order of bytes is the documented one. */
const formName = fc.oneof(plainName, text.map((name) => name.replace(/[\u{10000}-\u{10ffff}]/gu, "")))
  .filter((name) => !["", "Signature", "__proto__"].includes(name))

const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.double({ noNaN: true }), fc.constantFrom(null, undefined))

const paramsOf = (name: fc.Arbitrary<string>): fc.Arbitrary<OpenApi.Params> => {
  const { value } = fc.letrec<{ value: OpenApi.Param }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(name, tie("value"), { maxKeys: 3 })
    )
  }))
  return fc.dictionary(name, value, { maxKeys: 5 })
}

const printable = fc.string({ unit: fc.constantFrom(..."ABCabc019+/=.-_"), minLength: 1, maxLength: 40 })

const providerName = fc.oneof(fc.constantFrom("static_ak", "default/cli_profile/ram_role_arn/static_ak"), text)

const secret = fc.string({ unit, minLength: 1, maxLength: 40 })

const credentials = fc.oneof(
  fc.record({ accessKeyId: printable, accessKeySecret: secret, providerName }).map((fields) =>
    Credentials.accessKey({ type: "access_key", ...fields })
  ),
  fc.record({ accessKeyId: printable, accessKeySecret: secret, securityToken: printable, providerName }).map((fields) =>
    Credentials.sts({ type: "sts", ...fields })
  )
)

const segment = text.filter((part) => !/^\.{0,2}$/.test(part)).map((part) => OpenApi.path`${part}`)

const path = fc.array(fc.oneof(segment, fc.constantFrom("a+b", "c*d", "e%7Ef", "~", "")), { maxLength: 4 })
  .map((parts) => `/${parts.join("/")}`)

const headers = fc.dictionary(
  fc.oneof(plainName.map((name) => `x-acs-${name}`), fc.constantFrom("X-Acs-Region", "Accept", "Content-Type")),
  fc.string({ unit: fc.constantFrom(..."abc XYZ,;=\t09"), maxLength: 12 }),
  { maxKeys: 3 }
)

const method = fc.constantFrom("GET" as const, "POST" as const, "PUT" as const, "PATCH" as const, "DELETE" as const)

const secretOf = (signer: Credentials.Credentials): { readonly id: string; readonly secret: string } =>
  signer._tag === "AccessKey" || signer._tag === "Sts"
    ? { id: signer.accessKeyId, secret: Redacted.value(signer.accessKeySecret) }
    : { id: "", secret: "" }

/** The header that the official client makes for what was sent. */
const officialAuthorization = (sent: recorder.Sent, signer: Credentials.Credentials): string => {
  const { id, secret } = secretOf(signer)
  const { authorization: _, ...headers } = sent.headers
  const request = {
    method: sent.method,
    pathname: sent.url.pathname,
    query: Object.fromEntries(sent.url.searchParams),
    headers
  }
  const payload = createHash("sha256").update(sent.body).digest("hex")
  assert.strictEqual(headers["x-acs-content-sha256"], payload)
  return OpenApiUtil.getAuthorization(request as never, "ACS3-HMAC-SHA256", payload, id, secret)
}

const schema = Schema.Undefined

/** A client, and its calls as they are sent, one at a time. */
const sending = (signature: "ACS3-HMAC-SHA256" | "HMAC-SHA1") => {
  const { layer, sent, state } = recorder.make()
  const options = { endpoint: "ecs.cn-hangzhou.aliyuncs.com", version: "2014-05-26", signature }
  const client = Effect.runSync(Effect.provide(OpenApi.make(options), layer))
  return Effect.fnUntraced(function*(signer: Credentials.Credentials, call: OpenApi.Call) {
    state.credentials = signer
    yield* client.call("DescribeRegions", { ...call, schema })
    const [only, ...others] = sent.splice(0)
    assert.isEmpty(others)
    return only ?? (yield* Effect.dieMessage("nothing was sent"))
  })
}

describe("ACS3-HMAC-SHA256", () => {
  const rpc = sending("ACS3-HMAC-SHA256")
  const roa = sending("ACS3-HMAC-SHA256")

  it.effect.prop(
    "of any RPC style call is that of the official client",
    { signer: credentials, params: paramsOf(plainName), query: paramsOf(plainName), headers, method },
    ({ headers, method, params, query, signer }) =>
      Effect.gen(function*() {
        const sent = yield* rpc(signer, { params, query, headers, method })
        assert.strictEqual(sent.headers["authorization"], officialAuthorization(sent, signer))
        assert.strictEqual(sent.headers["x-acs-action"], "DescribeRegions")
        assert.strictEqual(sent.headers["x-acs-security-token"] !== undefined, signer._tag === "Sts")
      }),
    settings
  )

  it.effect.prop(
    "of any ROA style call is that of the official client",
    {
      signer: credentials,
      call: fc.record({ path, method, headers, query: paramsOf(plainName) }),
      content: fc.oneof(
        paramsOf(plainName).map((params) => ({ params })),
        fc.oneof(text, fc.uint8Array({ maxLength: 40 })).map((body) => ({ body }))
      )
    },
    ({ call, content, signer }) =>
      Effect.gen(function*() {
        const sent = yield* roa(signer, { style: "ROA", ...call, ...content })
        assert.strictEqual(sent.headers["authorization"], officialAuthorization(sent, signer))
        assert.strictEqual(sent.url.pathname, call.path)
      }),
    settings
  )

  it.effect("of the known request is the known one", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-02T03:04:05.678Z"))
      const { layer, sent, state } = recorder.make()
      state.credentials = Credentials.sts({
        type: "sts",
        providerName: "static_sts",
        accessKeyId: "STS.NExampleKeyId",
        accessKeySecret: "ExampleStsSecret",
        securityToken: "CAIS+tok/en=="
      })
      const client = yield* OpenApi.make({ product: "Sts", regionId: "cn-hangzhou", version: "2015-04-01" }).pipe(
        Effect.provide(Layer.merge(layer, recorder.fixedNonce))
      )
      yield* client.call("AssumeRole", {
        params: { RoleArn: "acs:ram::1234567890123456:role/demo-role", RoleSessionName: "demo" },
        query: { Policy: "{\"a\":\"b c*~\"}", DurationSeconds: 3600 },
        schema
      })
      assert.strictEqual(
        sent[0]?.headers["authorization"],
        [
          "ACS3-HMAC-SHA256 Credential=STS.NExampleKeyId",
          "SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;" +
          "x-acs-credentials-provider;x-acs-date;x-acs-security-token;x-acs-signature-nonce;x-acs-version",
          "Signature=4eb506842334f94f460b5801bdb8e02e9a003b117a65835b316b6c08c536fdf2"
        ].join(",")
      )
    }))
})

describe("HMAC-SHA1", () => {
  const rpc = sending("HMAC-SHA1")

  it.effect.prop(
    "of any RPC style call is that of the official client",
    {
      signer: credentials,
      params: paramsOf(formName),
      query: paramsOf(formName),
      method: fc.constantFrom("GET" as const, "POST" as const)
    },
    ({ method, params, query, signer }) =>
      Effect.gen(function*() {
        const sent = yield* rpc(signer, { params, query, method })
        const { Signature, ...signed } = recorder.parametersOf(sent)
        assert.strictEqual(Signature, OpenApiUtil.getRPCSignature(signed, method, secretOf(signer).secret))
        assert.notProperty(sent.headers, "authorization")
        assert.strictEqual(signed["SecurityToken"] !== undefined, signer._tag === "Sts")
      }),
    settings
  )

  const request = {
    RoleArn: "acs:ram::1234567890123456:role/demo-role",
    RoleSessionName: "demo@session",
    DurationSeconds: "3600",
    ExternalId: "ext id/~1",
    Policy: "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"oss:Get*\"],\"Resource\":\"*\"}]}"
  }

  const pair = {
    providerName: "static_ak",
    accessKeyId: "LTAI5tExampleKeyId01",
    accessKeySecret: "ExampleSecretExampleSecret0000"
  }

  it.effect.each([
    { signer: Credentials.accessKey({ type: "access_key", ...pair }), signature: "60IpLBdw1HeREnA25bKDvVEE98g=" },
    {
      signer: Credentials.sts({ type: "sts", ...pair, securityToken: "CAIS+tok/en==" }),
      signature: "CO/xxttbuFYcv/RP0hDurj/WaIs="
    }
  ])("of the known request is the known one, $signer._tag", ({ signature, signer }) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-02T03:04:05Z"))
      const { layer, sent, state } = recorder.make()
      state.credentials = signer
      const client = yield* OpenApi.make({ product: "sts", version: "2015-04-01", signature: "HMAC-SHA1" }).pipe(
        Effect.provide(Layer.merge(layer, recorder.fixedNonce))
      )
      yield* client.call("AssumeRole", { params: request, schema })
      assert.deepInclude(sent.map(recorder.parametersOf)[0], { ...request, Signature: signature })
    }))
})

describe("parameters", () => {
  const rpc = sending("ACS3-HMAC-SHA256")

  it.effect.prop(
    "are flattened as the official client does",
    { signer: credentials, params: paramsOf(formName) },
    ({ params, signer }) =>
      Effect.gen(function*() {
        const sent = yield* rpc(signer, { params })
        assert.deepStrictEqual(recorder.parametersOf(sent), OpenApiUtil.query(params as never))
      }),
    { fastCheck: { numRuns: 100 } }
  )
})
