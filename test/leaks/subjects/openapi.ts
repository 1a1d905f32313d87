/** Signed clients, what they answer and how they fail, where services quote what they were told. */
import { Credentials } from "@effect-alicloud/credentials"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as Ecs from "@effect-alicloud/openapi/Ecs"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as SigningClient from "@effect-alicloud/openapi/SigningClient"
import * as OpenApiSts from "@effect-alicloud/openapi/Sts"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Context, Effect, Layer, Redacted, Schema, Stream } from "effect"
import { ci, roleArn } from "../../kit/cloud.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import { ending, on } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"
import { credentialsOf } from "./values.ts"

/** A secret that a request can carry in a header, in the shapes that headers allow. */
const carried = ({ text }: Secret): string => text.replace(/[^\x20-\x7e]/g, "")

/** The credentials that sign, with the secret in every part that is one. */
const signers = (secret: Secret): ReadonlyArray<Credentials.Credentials> => {
  const token = carried(secret)
  const pair = { type: "sts", providerName: "test", accessKeyId: ci.accessKeyId, accessKeySecret: secret.text } as const
  return [
    Credentials.accessKey(pair),
    Credentials.sts({ ...pair, securityToken: token }),
    Credentials.bearer({ providerName: "test", bearerToken: token }),
    Credentials.bearer({ providerName: "test", bearerToken: token, headerName: "x-own" })
  ]
}

type Answer = (told: string, request: HttpClientRequest.HttpClientRequest) => Response | HttpClientError.RequestError

/** How servers quote. */
const quote = (text: string): ReadonlyArray<string> => [
  text,
  encodeURIComponent(text),
  new URLSearchParams({ "": text }).toString().slice(1),
  JSON.stringify(text).slice(1, -1),
  Buffer.from(text).toString("base64"),
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
]

const refusal = (told: string, code: string): object => ({
  Code: code,
  Message: `Specified parameter ${told} is not valid`,
  RequestId: "FA4E0000-0000-4000-8000-000000000001",
  Recommend: `https://api.aliyun.com/troubleshoot?q=${told}`
})

const network = (answer: Answer): HttpClient.HttpClient =>
  HttpClient.make((request, url) => {
    const answered = answer(`${url.href} ${request.headers["authorization"]}`, request)
    return answered instanceof Response
      ? Effect.succeed(HttpClientResponse.fromWeb(request, answered))
      : answered
  })

const networks = (secret: Secret): Readonly<Record<string, HttpClient.HttpClient>> => {
  const json = (document: unknown, status: number) => network(() => Response.json(document, { status }))
  const texts = quote(secret.text)
  return {
    ...Object.fromEntries(texts.map((told, index) => [
      `quotes it, form ${index}`,
      json(refusal(told, "InvalidParameter"), 400)
    ])),
    "quotes what was signed": json(refusal(`server string to sign is:${secret.text}`, "SignatureDoesNotMatch"), 400),
    "has it as code and id": json({ Code: secret.text, RequestId: secret.text, Message: [secret.text] }, 403),
    "throttles": json(refusal(secret.text, "Throttling.User"), 429),
    "answers XML": network(() =>
      new Response(`<Error><Code>Gone</Code><Message>${secret.text}</Message></Error>`, { status: 404 })
    ),
    "answers a page": network((told) => new Response(`<html>${told}${secret.text}</html>`, { status: 200 })),
    "answers half": network(() => new Response(JSON.stringify({ Token: secret.text }).slice(0, -1))),
    "answers a list": json([secret.text], 200),
    "answers other types": json({ Token: [secret.text], Regions: secret.text, Credentials: [secret.text] }, 200),
    "redirects": network((told) => new Response(null, { status: 302, headers: { location: encodeURI(told) } })),
    "is not there": network((told, request) =>
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        description: told,
        cause: Object.assign(new Error(told), { code: "ECONNREFUSED" })
      })
    )
  }
}

const TokenAnswer = Schema.Struct({ Token: Schema.Redacted(Schema.String) })

const calls = (secret: Secret, client: OpenApi.Service): Readonly<Record<string, Effect.Effect<unknown, unknown>>> => {
  const hidden = Redacted.make(secret.text)
  const schema = TokenAnswer
  return {
    "RPC": client.call("CreateUser", { params: { Password: hidden, Tag: [{ Key: hidden }] }, schema }),
    "RPC in the query": client.call("GetUser", { method: "GET", params: { Password: hidden }, schema }),
    "ROA": client.call("CreateUser", {
      style: "ROA",
      method: "POST",
      path: "/a",
      params: { Password: hidden },
      schema
    }),
    "wrong headers": client.call("GetUser", { params: { Password: hidden }, headers: { a: `${secret.text}é` }, schema })
  }
}

const clients: Group = {
  name: "OpenAPI clients",
  least: 7300,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [index, signer] of share(secret, 4, signers(secret).entries())) {
        const signature = index % 2 === 0 ? "ACS3-HMAC-SHA256" : "HMAC-SHA1"
        const provider = TestCredentials.layer(signer)
        const layer = OpenApi.layer({ product: "ecs", version: "1", signature, retries: 0 })
        found.push({ name: "layer", value: Layer.provide(layer, provider) })
        for (
          const [name, client] of share({ ...secret, turn: secret.turn >> 1 }, 5, Object.entries(networks(secret)))
        ) {
          const service = yield* Layer.build(Layer.provide(
            layer,
            Layer.merge(
              provider,
              Layer.succeed(HttpClient.HttpClient, client)
            )
          ))
          const openApi = Context.get(service, OpenApi.OpenApi)
          found.push({ name: "client", value: openApi })
          for (
            const [title, call] of share(
              { ...secret, turn: secret.turn + index },
              2,
              Object.entries(calls(secret, openApi))
            )
          ) {
            found.push({ name: `${title}: effect`, value: call })
            found.push(...(yield* ending(`${signer._tag} ${signature}, ${title}, ${name}`, { client }, call)))
          }
        }
      }
      return found
    })
}

const typed: Group = {
  name: "typed OpenAPI clients",
  least: 1900,
  subjects: (secret) => {
    const key = TestCredentials.layer(Credentials.accessKey({
      type: "access_key",
      providerName: "test",
      accessKeyId: ci.accessKeyId,
      accessKeySecret: secret.text
    }))
    const world = { users: [{ ...ci, accessKeySecret: secret.text }] }
    return on({ world })(Effect.gen(function*() {
      const layer = Layer.provide(Layer.merge(OpenApiSts.layer(), Ecs.layer()), key)
      const context = yield* Layer.build(layer)
      const sts = Context.get(context, OpenApiSts.Sts)
      const role = { roleSessionName: "me", policy: secret.text, externalId: secret.text }
      const oidcToken = Redacted.make(secret.text)
      const oidc = { ...role, roleArn: roleArn("pod"), oidcProviderArn: secret.text, oidcToken }
      const values = {
        layer,
        context,
        sts,
        "a session": yield* Effect.exit(sts.assumeRole({ ...role, roleArn: roleArn("open") })),
        "a refusal": yield* Effect.exit(sts.assumeRole({ ...role, roleArn: roleArn("gone") })),
        "an OIDC refusal": yield* Effect.exit(sts.assumeRoleWithOidc(oidc)),
        "the caller": yield* Effect.exit(sts.getCallerIdentity),
        "regions": yield* Effect.exit(Context.get(context, Ecs.Ecs).describeRegions())
      }
      return Object.entries(values).map(([name, value]) => ({ name, value }))
    }))
  }
}

const bodies: Readonly<Record<string, HttpBody.HttpBody>> = {
  empty: HttpBody.empty,
  text: HttpBody.text("{}"),
  stream: HttpBody.stream(Stream.make(new Uint8Array([1]))),
  "a broken stream": HttpBody.stream(Stream.fail("broken")),
  form: HttpBody.formData(new FormData())
}

/** Clients that a program may have around the network. */
const inner = (): Readonly<Record<string, HttpClient.HttpClient>> => {
  const refusing = network(() => new Response("refused", { status: 403 }))
  return {
    plain: network(() => Response.json({ ok: true })),
    refusing,
    "filterStatusOk": HttpClient.filterStatusOk(refusing),
    "filterStatus": HttpClient.filterStatus(refusing, (status) => status === 200),
    "retrying": HttpClient.retry(HttpClient.filterStatusOk(refusing), { times: 1 }),
    "transforming": HttpClient.transformResponse(
      refusing,
      Effect.flatMap((response) =>
        new HttpClientError.ResponseError({ request: response.request, response, reason: "Decode" })
      )
    ),
    "not there": network((_, request) => new HttpClientError.RequestError({ request, reason: "Transport" })),
    "saying it": network((_, request) =>
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: new HttpClientError.RequestError({ request, reason: "Transport" })
      })
    )
  }
}

const signing: Group = {
  name: "signing clients",
  least: 6300,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const credentials of share(secret, 4, signers(secret))) {
        for (const [name, client] of share({ ...secret, turn: secret.turn >> 1 }, 3, Object.entries(inner()))) {
          for (const [kind, body] of Object.entries(bodies)) {
            if (name !== "plain" && kind !== "empty") continue
            const request = HttpClientRequest.setBody(HttpClientRequest.post("https://cs.aliyuncs.com/a"), body)
            const run = Effect.gen(function*() {
              const context = yield* Layer.build(Layer.provide(
                SigningClient.layer({ version: "1" }),
                Layer.merge(TestCredentials.layer(credentials), Layer.succeed(HttpClient.HttpClient, client))
              ))
              const layered = Context.get(context, HttpClient.HttpClient)
              const provider = Context.get(
                yield* Layer.build(TestCredentials.layer(credentials)),
                CredentialsProvider
              )
              const signed = SigningClient.sign(client, { credentials: provider })
              found.push({ name: "client", value: signed })
              const response = yield* Effect.exit(signed.execute(request))
              found.push({ name: `${credentials._tag}, ${name}, ${kind}: response`, value: response })
              const body = Effect.flatMap(signed.execute(request), (response) => response.json)
              found.push({ name: `${credentials._tag}, ${name}, ${kind}: body`, value: yield* Effect.exit(body) })
              return yield* layered.execute(request)
            })
            found.push(...(yield* ending(`${credentials._tag}, ${name}, ${kind}`, { client, tracedClient: true }, run)))
          }
        }
      }
      found.push({ name: "credentials", value: credentialsOf(secret)["sts"] })
      return found
    })
}

export const groups: ReadonlyArray<Group> = [clients, typed, signing]
