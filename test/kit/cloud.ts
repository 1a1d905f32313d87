import { FakeAlicloud, layer as fakeLayer, type WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import type { Fault, JournalEntry } from "@effect-alicloud/testing/FakeAlicloud"
import type { HttpClientRequest } from "@effect/platform"
import { HttpClient } from "@effect/platform"
import { Array as Arr, Effect, Layer } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { driveWithin, patience, turn } from "./drive.ts"

export const accountId = "1234567890123456"

export const roleArn = (name: string): string => `acs:ram::${accountId}:role/${name}`

export const providerArn = `acs:ram::${accountId}:oidc-provider/cluster`

export const ci = { name: "ci", accountId, accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

export const keyPair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})

export const oidcToken = "s3cr3t-oidc-token"

export const uriPath = "/credentials?token=s3cr3t-query"

export const credentialsUri = `http://127.0.0.1:6666${uriPath}`

/** The service calls a caller's session expired, so many times. */
export const sessionExpired = (times: number): Fault => ({
  endpoint: "sts.GetCallerIdentity",
  kind: "error",
  status: 400,
  code: "InvalidSecurityToken.Expired",
  times
})

/** Everything that any source needs. */
export const world: WorldInput = {
  users: [ci, { ...ci, name: "owner", root: true, accessKeyId: "LTAI5tRoot" }],
  publicKeys: [{ publicKeyId: "LTPubKey", publicKey: keyPair.publicKey }],
  roles: [
    { arn: roleArn("open") },
    { arn: roleArn("long"), maxSessionDuration: 7200 },
    { arn: roleArn("partner"), trustedUsers: ["ci"], externalId: "ticket-1" },
    { arn: roleArn("next"), trustedRoles: [roleArn("open")] },
    { arn: roleArn("pod"), trustedOidcProviders: [providerArn] }
  ],
  oidcTokens: [{ token: oidcToken, providerArn, subject: "system:serviceaccount:default:app" }],
  instance: { roleName: "EcsRole" },
  credentialsUris: [{ path: uriPath }]
}

/** Every request as it was sent, in its last shape before the network. */
export interface Recorder {
  readonly requests: Array<HttpClientRequest.HttpClientRequest>
  /** What a request carried, from the form or the query. */
  readonly parameter: (request: number, name: string) => string | null
}

const recording = (requests: Recorder["requests"]) =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.make((request) => {
        requests.push(request)
        return client.execute(request)
      }))
  )

/** A fake cloud whose requests are written down. */
export const cloud = (more: WorldInput = {}) => {
  const requests: Recorder["requests"] = []
  return {
    requests,
    parameter: (index: number, name: string): string | null => {
      const request = requests[index]
      const body = request?.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : ""
      const query = new Map(request?.urlParams ?? [])
      return new URLSearchParams(body).get(name) ?? query.get(name) ?? null
    },
    layer: Layer.provideMerge(recording(requests), fakeLayer({ ...world, ...more }))
  }
}

export const journal: Effect.Effect<ReadonlyArray<JournalEntry>, never, FakeAlicloud> = Effect.flatMap(
  FakeAlicloud,
  (fake) => fake.journal
)

/** What was asked, in order: `imds.token 200`. */
export const story: Effect.Effect<ReadonlyArray<string>, never, FakeAlicloud> = Effect.map(
  journal,
  Arr.map(({ code, endpoint, status }) => [endpoint, code ?? status ?? "-"].join(" "))
)

export const count: Effect.Effect<number, never, FakeAlicloud> = Effect.map(journal, Arr.length)

export const setFaults = (...faults: ReadonlyArray<Fault>): Effect.Effect<void, never, FakeAlicloud> =>
  Effect.flatMap(FakeAlicloud, (fake) => fake.setFaults(faults))

/** The pauses before another attempt are at most a second. */
export const drive = driveWithin(1000)

/** Waits until the fake cloud has received so many requests; time stands still. */
export const requested = (requests: number): Effect.Effect<void, never, FakeAlicloud> =>
  Effect.zipRight(turn, count).pipe(
    Effect.repeat({ until: (received) => received >= requests, times: patience }),
    Effect.asVoid
  )
