import { assert } from "@effect/vitest"
import { Effect, Schema, TestClock } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { type Check, Report } from "../../../../packages/cli/src/doctor/Report.ts"
import { cli, type Given } from "../../../kit/cli.ts"

/** When every diagnosis is made, in epoch seconds. */
export const now = 1_767_323_045

export const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

export const offCloud = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

export const roleArn = "acs:ram::1234567890123456:role/deploy"

export const oidc = {
  ALIBABA_CLOUD_ROLE_ARN: roleArn,
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/rrsa",
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/nowhere/token"
}

export const plain = { name: "plain", mode: "AK", access_key_id: "LTAI5tPlain", access_key_secret: "s3cr3t-plain" }

export const configFile = ".aliyun/config.json"

export const iniFile = ".alibabacloud/credentials"

export const ini = "[default]\ntype = access_key\naccess_key_id = LTAI5tIni\naccess_key_secret = s3cr3t\n"

export const config = (profiles: ReadonlyArray<object>, current = "plain") => ({
  [configFile]: JSON.stringify({ current, profiles })
})

export const decode = Schema.decodeUnknownSync(Schema.parseJson(Report), { onExcessProperty: "error" })

/** A new folder of temporary files. */
export const makeFolder = (): string => Fs.mkdtempSync(Path.join(Os.tmpdir(), "doctor-files-"))

export interface Diagnosed {
  readonly code: number
  readonly report: Report
  readonly err: string
  readonly home: string
  readonly checks: (check: Check["check"], subject?: string) => ReadonlyArray<Check>
  readonly status: (source: string) => string | undefined
  readonly requests: ReadonlyArray<string>
}

/** A cloud that knows the keys of the tests, unless the test has users of its own. */
export const cloud = {
  users: [
    { name: "example", accessKeyId: "LTAI5tExample", accessKeySecret: "s3cr3t" },
    { name: "laptop", accessKeyId: "LTAI5tPlain", accessKeySecret: "s3cr3t-plain" }
  ]
}

/** Runs the doctor, for machines and for people, and looks for secrets in all that it printed. */
export const doctor = (given: Given = {}, args: ReadonlyArray<string> = []): Effect.Effect<Diagnosed> =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now * 1000)
    const machine = { ...given, world: { ...cloud, ...given.world } }
    const finished = yield* cli(["doctor", "--format", "json", ...args], machine)
    const table = yield* cli(["doctor", ...args], machine)
    assert.strictEqual(table.code, finished.code)
    for (const text of [finished.out, finished.err, table.out, table.err]) assert.notInclude(text, "s3cr3t")
    const report = decode(finished.out)
    return {
      code: finished.code,
      report,
      err: finished.err,
      home: finished.home,
      checks: (check, subject) =>
        report.checks.filter((one) => one.check === check && (subject === undefined || one.subject.includes(subject))),
      status: (source) => report.sources.find((one) => one.source === source)?.status,
      requests: (yield* finished.cloud.journal).map(({ endpoint, method }) => `${method} ${endpoint}`)
    }
  })

export const levels = (checks: ReadonlyArray<Check>): ReadonlyArray<string> => checks.map(({ level }) => level)

export const messagesOf = (checks: ReadonlyArray<Check>): string => checks.map(({ message }) => message).join("\n")

export const fixesOf = (checks: ReadonlyArray<Check>): string => checks.map(({ fix }) => fix ?? "").join("\n")
