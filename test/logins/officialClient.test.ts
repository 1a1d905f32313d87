import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Case } from "./utils/cases.ts"
import { cases } from "./utils/cases.ts"
import type { Question, Result, Side } from "./utils/clients.ts"
import { Clients, withClients } from "./utils/clients.ts"
import { pair, roleArn, withProfiles, world } from "./utils/cloud.ts"

/** The same identity, whatever the session is called when nobody named it. */
const comparable = (arn: string, { sessionName }: Case): string =>
  arn.includes(":assumed-role/") && sessionName === undefined ? arn.slice(0, arn.lastIndexOf("/")) : arn

const textOf = (result: Result | undefined, field: "accessKeyId" | "providerName" | "type"): string =>
  result === undefined || "error" in result ? "" : result[field] ?? ""

const resolve = (side: Side, one: Case) =>
  Effect.gen(function*() {
    const { ask, home, identity } = yield* Clients
    const files = typeof one.files === "function" ? one.files(side) : one.files ?? {}
    const { requests, results: [result] } = yield* ask(side, { ...one.question, home: home(files) })
    return {
      arn: comparable(yield* identity(result), one),
      isSession: textOf(result, "accessKeyId").startsWith("STS."),
      hosts: [...new Set(requests.map(({ host }) => host))],
      result
    }
  })

const compare = (one: Case) =>
  Effect.gen(function*() {
    const official = yield* resolve("official", one)
    const ours = yield* resolve("ours", one)
    assert.strictEqual(ours.arn, official.arn)
    assert.match(ours.arn, one.arn)
    assert.strictEqual(ours.isSession, official.isSession)
    assert.deepStrictEqual(ours.hosts, official.hosts)
    // The official chain does not say which source of a file it was, nor, as a type, anything but "default".
    const [theirName, ourName] = [official.result, ours.result].map((result) => textOf(result, "providerName"))
    assert.isTrue(`${ourName}/`.startsWith(`${theirName}/`), `${ourName} is not ${theirName}`)
    if (one.question?.config !== undefined) {
      assert.strictEqual(textOf(ours.result, "type"), textOf(official.result, "type"))
    }
  })

interface Key {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken: string
}

const openRole: Question = {
  config: {
    type: "ram_role_arn",
    accessKeyId: pair.access_key_id,
    accessKeySecret: pair.access_key_secret,
    roleArn: roleArn("open"),
    roleSessionName: "app-0"
  }
}

describe.sequential("the official client and ours", () => {
  withClients(world, (test) => {
    for (const one of cases) {
      test(`are the same caller with ${one.title}`, () => compare(one))
    }

    const sessions: ReadonlyArray<readonly [title: string, make: (key: Key) => Pick<Case, "files" | "question">]> = [
      ["a profile of mode StsToken", (key) => ({
        files: withProfiles({
          name: "p",
          mode: "StsToken",
          access_key_id: key.accessKeyId,
          access_key_secret: key.accessKeySecret,
          sts_token: key.securityToken
        })
      })],
      ["a session in the environment", (key) => ({
        question: {
          env: {
            ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
            ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
            ALIBABA_CLOUD_SECURITY_TOKEN: key.securityToken
          }
        }
      })],
      ["Config of type sts", (key) => ({ question: { config: { type: "sts", ...key } } })],
      ["Config of type ram_role_arn with a session", (key) => ({
        question: { config: { type: "ram_role_arn", ...key, roleArn: roleArn("next"), roleSessionName: "app-1" } }
      })]
    ]
    for (const [title, make] of sessions) {
      test(`are the same caller with ${title}`, () =>
        Effect.gen(function*() {
          const { ask } = yield* Clients
          const { results: [first] } = yield* ask("ours", openRole)
          if (first === undefined || "error" in first) return assert.fail(first?.error)
          const { accessKeyId = "", accessKeySecret = "", securityToken = "" } = first
          const arn = title.includes("ram_role_arn") ? /assumed-role\/next\/app-1$/ : /assumed-role\/open\/app-0$/
          yield* compare({ title, sessionName: "", arn, ...make({ accessKeyId, accessKeySecret, securityToken }) })
        }))
    }
  })
})
