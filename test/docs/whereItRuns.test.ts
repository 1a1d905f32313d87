/** Each snippet of variables is set on a machine of its place, and what `doctor` prints there is what the page shows. */
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { accountId } from "../kit/cloud.ts"
import { githubVariables, requestToken } from "../kit/tokens.ts"
import type { Machine } from "./utils/machine.ts"
import { home } from "./utils/machine.ts"
import type { Block } from "./utils/markdown.ts"
import { sectionsOf } from "./utils/markdown.ts"
import { commandOf, firstMissing, normalised, shownIn } from "./utils/output.ts"
import { printed } from "./utils/shown.ts"

const page = Fs.readFileSync(new URL("../../docs/where-it-runs.md", import.meta.url), "utf8")

const sections = sectionsOf(page).filter(({ level }) => level === 2)

const places = sections.filter(({ title }) => title !== "Runtimes")

const deploy = `acs:ram::${accountId}:role/deploy`

const provider = { arn: `acs:ram::${accountId}:oidc-provider/ci`, issuer: "https://ci.example.com" }

const role: WorldInput = {
  roles: [{ arn: deploy, trustedOidcProviders: [provider.arn] }],
  oidcProviders: [provider]
}

type Platform = NonNullable<WorldInput["tokenPlatforms"]>[number]["platform"]

/** A platform that hands out tokens, and what it sets itself. */
const handingOut = (
  platform: Platform,
  env: Readonly<Record<string, string>> = {},
  audience = "sts.aliyuncs.com"
): Machine => ({
  env,
  cloud: {
    ...role,
    oidcProviders: [{ ...provider, clientIds: [audience] }],
    tokenPlatforms: [{ platform, issuer: provider.issuer, requestToken }]
  }
})

const token = "s3cr3t-oidc-token"

/** A platform that sets a token in a variable, or in a file. */
const holding = (machine: Machine): Machine => ({
  ...machine,
  cloud: { ...role, oidcTokens: [{ token, providerArn: provider.arn, subject: "job" }] }
})

const key = { access_key_id: "LTAI5tDeveloper", access_key_secret: "s3cr3t" }

const machines: Readonly<Record<string, Machine | undefined>> = {
  Laptop: {
    env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
    files: {
      [`${home}/.aliyun/config.json`]: JSON.stringify({
        current: "default",
        profiles: [
          { name: "default", mode: "AK", ...key },
          { name: "deploy", mode: "RamRoleArn", ...key, ram_role_arn: deploy, ram_session_name: "laptop" }
        ]
      })
    },
    cloud: {
      users: [{ name: "developer", accessKeyId: key.access_key_id, accessKeySecret: key.access_key_secret }],
      roles: [{ arn: deploy }]
    }
  },
  "GitHub Actions": handingOut("github-actions", githubVariables),
  Buildkite: handingOut("buildkite", { BUILDKITE_JOB_ID: "0190", BUILDKITE_AGENT_ACCESS_TOKEN: requestToken }),
  GitLab: holding({ env: { ALIBABA_CLOUD_OIDC_TOKEN: token } }),
  CircleCI: holding({ env: { CIRCLE_OIDC_TOKEN_V2: token } }),
  Bitbucket: holding({ env: { BITBUCKET_STEP_OIDC_TOKEN: token } }),
  "HCP Terraform": holding({ env: { TFC_WORKLOAD_IDENTITY_TOKEN: token } }),
  ECS: { cloud: { instance: { roleName: "web" } } },
  "ACK with RRSA": holding({ files: { "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token": token } }),
  "Function Compute": undefined,
  "Google Cloud": handingOut("google"),
  Azure: handingOut("azure", {}, "api://alibaba-cloud"),
  "Fly.io": handingOut("fly"),
  Vercel: undefined,
  Containers: {
    cloud: {
      credentialsUris: [{ host: "host.docker.internal:8080", path: "/s3cr3t-of-the-address/credentials" }]
    }
  },
  "Edge and browser": undefined
}

/** `NAME=value` of a shell, and `NAME: value` of YAML; `$NAME` is a variable that the platform has set. */
const variablesIn = (blocks: ReadonlyArray<Block>, env: Machine["env"] = {}): Record<string, string> =>
  Object.fromEntries(
    blocks.filter(({ info }) => info === "sh" || info === "yaml").flatMap(({ lines }) =>
      lines.flatMap((line): ReadonlyArray<readonly [string, string]> => {
        const [, name, value = ""] = /^\s*(?:export )?([A-Z][A-Z0-9_]+)(?:=|: )(\S+)$/.exec(line) ?? []
        return name === undefined ? [] : [[name, value.startsWith("$") ? env[value.slice(1)] ?? "" : value]]
      })
    )
  )

describe("the page about where programs run", () => {
  it("has a machine for each place, and shows each in its table", () => {
    assert.deepStrictEqual(places.map(({ title }) => title), Object.keys(machines))
    const table = page.split("\n").filter((line) => line.startsWith("| [")).join("\n")
    for (const { title } of places) assert.include(table, `[${title}](#`)
  })

  for (const { blocks, title } of places) {
    const machine = machines[title]
    if (machine === undefined) continue
    it.effect(`shows what doctor prints: ${title}`, () =>
      Effect.gen(function*() {
        const shown = blocks.filter((block) => commandOf(block) !== undefined)
        assert.lengthOf(shown, 1)
        const env = { ...machine.env, ...variablesIn(blocks, machine.env) }
        const text = yield* printed(commandOf(shown[0]!)!, { ...machine, env })
        assert.notInclude(text.replaceAll("s3cr3t-of-the-address", ""), "s3cr3t")
        assert.isUndefined(firstMissing(shownIn(shown[0]!), normalised(text)), text)
      }))
  }
})

describe("the table of runtimes", () => {
  it("has the versions that the tests run on", () => {
    const { devDependencies, optionalDependencies } = JSON.parse(
      Fs.readFileSync(new URL("../runtimes/package.json", import.meta.url), "utf8")
    ) as Readonly<Record<"devDependencies" | "optionalDependencies", Readonly<Record<string, string>>>>
    const rows = sections.find(({ title }) => title === "Runtimes")?.text.filter((line) => line.startsWith("| ")) ?? []
    const versionsOf = (runtime: string) => rows.find((row) => row.startsWith(`| ${runtime} |`))?.split("|")[2]?.trim()
    const nodes = Object.values(optionalDependencies).map((alias) => /@(\d+\.\d+)/.exec(alias)?.[1])
    assert.strictEqual(versionsOf("Node.js"), nodes.join(", "))
    assert.strictEqual(versionsOf("Bun"), devDependencies["bun"])
    assert.strictEqual(versionsOf("Deno"), devDependencies["deno"])
    assert.strictEqual(versionsOf("workerd"), devDependencies["miniflare"]?.replace(/^4(\.\d+)\.0$/, "1$1"))
  })
})
