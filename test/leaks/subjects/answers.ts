/** What services answer: refusals that quote a secret, documents with a secret where it does not belong. */
import {
  AccessKey,
  CloudSso,
  CloudSsoLogin,
  Credentials,
  CredentialsProvider,
  CredentialsUri,
  EcsRamRole,
  LoginServices,
  OAuth,
  OAuthLogin,
  OidcRoleArn,
  OidcToken,
  RamRoleArn,
  RsaKeyPair,
  SamlRoleArn,
  Source
} from "@effect-alicloud/credentials"
import type { CredentialsError, DefaultChain } from "@effect-alicloud/credentials"
import * as HttpSource from "@effect-alicloud/credentials/unstable/HttpSource"
import * as SessionDocument from "@effect-alicloud/credentials/unstable/SessionDocument"
import type { Endpoint, Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { Effect, Encoding, Redacted } from "effect"
import type { Scope } from "effect"
import { accountId, ci, keyPair, oidcToken, providerArn, roleArn } from "../../kit/cloud.ts"
import { signInHost } from "../../kit/profileWorld.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import type { Machine } from "../machine.ts"
import { ending } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"

type Made = Effect.Effect<
  Source.Source,
  CredentialsError.InvalidConfig,
  DefaultChain.Requirements | Scope.Scope
>

type Omitted<T> = T extends Fault ? Omit<T, "endpoint"> : never

/** The fields of an endpoint's answer that a secret may be put into; ids are shown. */
const fieldsOf = (endpoint: Endpoint): ReadonlyArray<string> => {
  switch (endpoint) {
    case "imds.token":
    case "imds.list":
      return []
    case "oauth.token":
      return ["access_token", "expires_in"]
    case "oauth.exchange":
      return ["accessKeySecret", "securityToken", "expiration"]
    case "sts.GenerateSessionAccessKey":
      return ["SessionAccessKeySecret", "Expiration", "RequestId"]
    case "oidc.github-actions":
      return ["value"]
    case "oidc.buildkite":
      return ["token"]
    case "oidc.google":
      return []
    default:
      return ["AccessKeySecret", "SecurityToken", "Expiration", "RequestId", "Code"]
  }
}

/** Everything that an endpoint may do with a secret. */
const faults = ({ text }: Secret, endpoint: Endpoint): ReadonlyArray<Omitted<Fault>> => {
  const location = `https://user:${encodeURIComponent(text)}@example.com/${encodeURIComponent(text)}`
  return [
    { kind: "malformed", body: text },
    { kind: "malformed", body: JSON.stringify(text) },
    { kind: "malformed", body: JSON.stringify([{ AccessKeySecret: text }]) },
    { kind: "malformed", body: JSON.stringify({ Code: "Success", AccessKeySecret: text }).slice(0, -2) },
    { kind: "malformed", body: `{"AccessKeySecret":${text}}` },
    { kind: "malformed", body: JSON.stringify({ [text]: text, Code: [text], error: [text], access_token: [text] }) },
    { kind: "error", status: 400, code: "InvalidParameter", message: `Specified token ${text} is wrong` },
    { kind: "error", status: 403, code: text, message: `string to sign is: ${text}` },
    { kind: "error", status: 404, code: "SignatureDoesNotMatch", message: encodeURIComponent(text) },
    { kind: "status", status: 401, body: `<html><body>${text}</body></html>`, contentType: "text/html" },
    { kind: "status", status: 500, body: `<Error><Code>${text}</Code><RequestId>${text}</RequestId></Error>` },
    { kind: "status", status: 200, body: `${text}\n${text}`, contentType: "text/plain" },
    { kind: "redirect", location },
    { kind: "throttle", code: text },
    { kind: "truncate" },
    { kind: "disconnect" },
    { kind: "hang" },
    ...fieldsOf(endpoint).flatMap((field) => [
      { kind: "setField", field, value: [text] } as const,
      { kind: "setField", field, value: text } as const
    ])
  ]
}

const pair = { accessKeyId: ci.accessKeyId }

interface Patience {
  readonly timeout?: number
  readonly connectTimeout?: number
}

/** Ends at once, in the time of the machine; the default time-outs never come. */
const noPatience: Patience = { timeout: 1, connectTimeout: 1 }

/** The tokens of platforms, and the variables in which these give a secret to their jobs. */
const platforms = (text: string) =>
  [
    ["github-actions", OidcToken.githubActions(), {
      ACTIONS_ID_TOKEN_REQUEST_URL: `https://a.actions.githubusercontent.com/${encodeURIComponent(text)}?a=b`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: text
    }],
    ["buildkite", OidcToken.buildkite(), { BUILDKITE_JOB_ID: text, BUILDKITE_AGENT_ACCESS_TOKEN: text }],
    ["google", OidcToken.googleMetadata(), {}]
  ] as const

/** A login whose code is a secret, as a source. */
const login = (code: string, patience: Patience): Made => {
  let address = ""
  const received = Effect.sync(() => {
    const query = new URLSearchParams(address.split("?")[1])
    return Redacted.make(`${query.get("redirect_uri")}?code=${encodeURIComponent(code)}&state=${query.get("state")}`)
  })
  return Effect.map(Effect.context<DefaultChain.Requirements | Scope.Scope>(), (context) =>
    Source.fromEffect(
      "OAuthLogin",
      OAuthLogin.login({ ...patience, siteType: "CN" }).pipe(
        Effect.map(({ session }) => Credentials.sts({ type: "sts", providerName: "login", ...session })),
        Effect.provideService(LoginServices.Browser, {
          open: (given) =>
            Effect.sync(() => {
              address = given
              return true
            })
        }),
        Effect.provideService(LoginServices.Callback, {
          listen: () => Effect.succeed({ redirectUri: "http://127.0.0.1:12345/cli/callback", received })
        }),
        Effect.provideService(LoginServices.Prompt, {
          show: () => Effect.void,
          choose: () => Effect.fail("no user"),
          paste: () => Effect.fail("no user")
        }),
        Effect.provide(context)
      )
    ))
}

/** A login to CloudSSO, as a source, until its user would have to confirm it. */
const ssoLogin = (account: string, patience: Patience): Made =>
  Effect.map(Effect.context<DefaultChain.Requirements>(), (context) =>
    Source.fromEffect(
      "CloudSsoLogin",
      CloudSsoLogin.login({ ...patience, signInUrl: `https://${signInHost}/`, account }).pipe(
        Effect.map(({ session }) => Credentials.sts({ type: "sts", providerName: "login", ...session })),
        Effect.provideService(LoginServices.Browser, { open: () => Effect.interrupt }),
        Effect.provideService(LoginServices.Prompt, {
          show: () => Effect.interrupt,
          choose: () => Effect.fail("no user"),
          paste: () => Effect.fail("no user")
        }),
        Effect.provide(context)
      )
    ))

/** Sources outside this repository, with the helpers for them, and with a client of their own. */
const own = (text: string, patience: Patience) => {
  const path = `/${encodeURIComponent(text)}?token=${encodeURIComponent(text)}`
  const request = HttpClientRequest.get(`http://127.0.0.1:6666${path}`).pipe(HttpClientRequest.bearerToken(text))
  const answer = SessionDocument.PascalCase
  const untraced = HttpClient.withTracerDisabledWhen(() => true)
  const made = (
    get: Effect.Effect<SessionDocument.StsSession, CredentialsError.SourceFailed, HttpClient.HttpClient>
  ): Made =>
    Effect.map(HttpClient.HttpClient, (client) =>
      Source.fromEffect(
        "Own",
        Effect.map(get, (session) => Credentials.sts({ type: "own", providerName: "own", ...session })).pipe(
          Effect.provideService(HttpClient.HttpClient, client)
        )
      ))
  const withClient = Effect.flatMap(HttpClient.HttpClient, (client) => untraced(client).execute(request)).pipe(
    Effect.flatMap(HttpClientResponse.filterStatusOk),
    Effect.flatMap(HttpClientResponse.schemaBodyJson(answer)),
    Effect.timeout(patience.timeout ?? "5 seconds"),
    HttpSource.mapErrors("Own")
  )
  const machine: Machine = { world: { credentialsUris: [{ path }] } }
  return [
    ["HttpSource.json", made(HttpSource.json("Own", { request, answer, ...patience })), machine, ["uri"]],
    ["HttpSource.mapErrors", made(withClient), machine, ["uri"]]
  ] as const
}

/** Sources that send a secret, the machine on which they would work, and whom they ask. */
const askers = ({ text }: Secret, patience: Patience = {}): ReadonlyArray<
  readonly [name: string, make: Made, machine: Machine, endpoints: ReadonlyArray<Endpoint>]
> => {
  const redacted = Redacted.make(text)
  const path = `/${encodeURIComponent(text)}?token=${encodeURIComponent(text)}`
  const role = { ...patience, policy: text, externalId: text }
  const caller = AccessKey.make({ ...pair, accessKeySecret: redacted })
  return [
    [
      "RamRoleArn",
      Effect.flatMap(caller, (source) => RamRoleArn.make(source, { ...role, roleArn: roleArn("open") })),
      { world: { users: [{ ...ci, accessKeySecret: text }] } },
      ["sts.AssumeRole"]
    ],
    [
      "OidcRoleArn",
      OidcRoleArn.make({ ...patience, roleArn: roleArn("pod"), oidcProviderArn: providerArn, oidcTokenFilePath: "/t" }),
      { files: { "/t": oidcToken } },
      ["sts.AssumeRoleWithOIDC"]
    ],
    ...platforms(text).map(([platform, oidcToken, env]) =>
      [
        `OidcToken of ${platform}`,
        OidcRoleArn.make({ ...patience, roleArn: roleArn("pod"), oidcProviderArn: providerArn, oidcToken }),
        { env, world: { tokenPlatforms: [{ platform, requestToken: text }] } },
        [`oidc.${platform}`]
      ] as const
    ),
    [
      "SamlRoleArn",
      SamlRoleArn.make({
        ...patience,
        roleArn: roleArn("pod"),
        samlProviderArn: `acs:ram::${accountId}:saml-provider/a`,
        samlAssertion: Effect.succeed(Redacted.make(Encoding.encodeBase64(text)))
      }),
      {},
      ["sts.AssumeRoleWithSAML"]
    ],
    [
      "RsaKeyPair",
      RsaKeyPair.make({ ...patience, publicKeyId: "LTPubKey", privateKey: Redacted.make(keyPair.privateKey) }),
      {},
      ["sts.GenerateSessionAccessKey"]
    ],
    [
      "CredentialsUri",
      CredentialsUri.make({ ...patience, credentialsUri: `http://127.0.0.1:6666${path}` }),
      { world: { credentialsUris: [{ path }] } },
      ["uri"]
    ],
    ...own(text, patience),
    ["EcsRamRole", EcsRamRole.make(patience), {}, ["imds.token", "imds.list", "imds.credentials"]],
    [
      "OAuth",
      OAuth.make({ ...patience, siteType: "CN", refreshToken: redacted }),
      { world: { oauthLogins: [{ refreshToken: text }] } },
      ["oauth.token", "oauth.exchange"]
    ],
    ["OAuthLogin", login(text, patience), {}, ["oauth.token"]],
    ["CloudSsoLogin", ssoLogin(text, patience), { world: { cloudSsoSites: [{ host: signInHost }] } }, [
      "cloudsso.device"
    ]],
    [
      "CloudSso",
      CloudSso.make({
        ...patience,
        signInUrl: `https://${signInHost}/`,
        accountId,
        accessConfig: "ac-1",
        accessToken: redacted
      }),
      {
        world: {
          cloudSsoSites: [{
            host: signInHost,
            logins: [{ accessToken: text, grants: [{ accountId, accessConfigurationId: "ac-1" }] }]
          }]
        }
      },
      ["cloudsso.credentials"]
    ]
  ]
}

const get = (make: Made) =>
  Effect.gen(function*() {
    const source = yield* make
    const direct = yield* Effect.exit(source.get)
    const provider = yield* CredentialsProvider.make(source)
    const exit = yield* Effect.exit(provider.get)
    return { direct, exit, report: yield* provider.report, credentials: yield* exit }
  })

const answers: Group = {
  name: "answers of services",
  least: 17_600,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      const impatient = askers(secret, noPatience)
      for (const [index, [name, patient, machine, endpoints]] of askers(secret).entries()) {
        for (const endpoint of endpoints) {
          for (const [number, fault] of share(secret, 10, faults(secret, endpoint).entries())) {
            const make = fault.kind === "hang" ? impatient[index]?.[1] ?? patient : patient
            const all = { ...machine, faults: [{ ...fault, endpoint } as Fault] }
            found.push(...(yield* ending(`${name} ${endpoint} ${fault.kind} #${number}`, all, get(make))))
          }
        }
      }
      return found
    })
}

type Failure = (request: never) => HttpClientError.HttpClientError

/** Clients whose errors hold what was sent, and say more of it than that. */
const clients = ({ text }: Secret): Readonly<Record<string, HttpClient.HttpClient>> => {
  const broken = (failure: (request: Parameters<Failure>[0], told: string) => HttpClientError.HttpClientError) =>
    HttpClient.make((request, url) => {
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      return failure(request as never, `${url.href} ${body} ${request.headers["authorization"]} ${text}`)
    })
  return {
    "no connection": broken((request, told) =>
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        description: told,
        cause: Object.assign(new Error(told, { cause: { code: "ECONNREFUSED", told } }), { told })
      })
    ),
    "an untrusted certificate": broken((request, told) =>
      new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: new AggregateError([Object.assign(new Error(told), { code: "SELF_SIGNED_CERT_IN_CHAIN" })], told)
      })
    ),
    "an invalid URL": broken((request, told) =>
      new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause: new TypeError(told) })
    ),
    "a body that cannot be read": broken((request, told) =>
      new HttpClientError.ResponseError({
        request,
        reason: "Decode",
        description: told,
        cause: told,
        response: HttpClientResponse.fromWeb(request, new Response(told, { headers: { "x-told": "yes" } }))
      })
    )
  }
}

const transports: Group = {
  name: "errors of the network",
  least: 5200,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [name, make, machine] of askers(secret)) {
        for (const [problem, client] of share(secret, 4, Object.entries(clients(secret)))) {
          found.push(...(yield* ending(`${name}, ${problem}`, { ...machine, client }, get(make))))
        }
      }
      return found
    })
}

export const groups: ReadonlyArray<Group> = [answers, transports]
