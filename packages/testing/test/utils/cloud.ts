import type { Outcome, Request } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import { Effect } from "effect"
import { generateKeyPairSync } from "node:crypto"
import type { Key } from "../../../../test/kit/sign.ts"

export const accountId = "1234567890123456"

export const alice = { name: "alice", accountId, accessKeyId: "LTAI5tAlice", accessKeySecret: "alice-secret" }

export const bob = { name: "bob", accountId, accessKeyId: "LTAI5tBob", accessKeySecret: "bob-secret" }

export const roleArn = (name: string): string => `acs:ram::${accountId}:role/${name}`

export const providerArn = `acs:ram::${accountId}:oidc-provider/cluster`

export const keyPair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})

export const ask = (request: Request): Effect.Effect<Outcome, never, FakeAlicloud> =>
  Effect.flatMap(FakeAlicloud, ({ handle }) => handle(request))

/** The status and document of an answer; fails the test when there is none. */
export const askJson = (
  request: Request
): Effect.Effect<{ readonly status: number; readonly document: Document }, never, FakeAlicloud> =>
  Effect.flatMap(ask(request), (outcome) =>
    outcome._tag === "Reply"
      ? Effect.succeed({ status: outcome.status, document: JSON.parse(outcome.body) as Document })
      : Effect.dieMessage(`no answer: ${outcome._tag}`))

export interface Document {
  readonly [field: string]: string | Document | undefined
}

export const at = (document: Document, ...path: ReadonlyArray<string>): string => {
  let value: string | Document | undefined = document
  for (const name of path) value = typeof value === "object" ? value[name] : undefined
  return typeof value === "string" ? value : JSON.stringify(value)
}

/** The status and code of an answer, as `404 EntityNotExist.Role`; `200` when it is a success. */
export const verdict = (request: Request): Effect.Effect<string, never, FakeAlicloud> =>
  Effect.map(askJson(request), ({ document, status }) => status === 200 ? "200" : `${status} ${at(document, "Code")}`)

/** The key of a session in an answer. */
export const keyIn = (document: Document): Key => ({
  accessKeyId: at(document, "Credentials", "AccessKeyId"),
  accessKeySecret: at(document, "Credentials", "AccessKeySecret"),
  securityToken: at(document, "Credentials", "SecurityToken")
})
