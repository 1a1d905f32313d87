import { CredentialsProvider, DefaultChain, Environment } from "@effect-alicloud/credentials"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import * as Fs from "node:fs"
import * as Broker from "./own-source/Broker.ts"

const page = Fs.readFileSync(new URL("../../docs/own-source.md", import.meta.url), "utf8")

const broker = { BROKER_URL: "https://broker.example.com", BROKER_ROLE: "deploy", BROKER_TOKEN: "s3cr3t" }

const environment = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tCi", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

const winnerWith = (variables: Readonly<Record<string, string>>) =>
  Effect.gen(function*() {
    yield* CredentialsProvider.get
    return Option.getOrUndefined((yield* CredentialsProvider.report).winner)
  }).pipe(Effect.provide(
    DefaultChain.layerWith({ sources: [Broker.definition, Environment.definition] }).pipe(
      Layer.provide(FakeAlicloud.layer({
        credentialsUris: [{ host: "broker.example.com", path: "/v1/sessions/deploy" }]
      })),
      Layer.provide(Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))))
    )
  ))

describe("the page about sources of one's own", () => {
  it("shows the files that are tested", () => {
    const blocks = Array.from(page.matchAll(/^```typescript\n\/\/ (\S+)\n[^]*?\n```$/gm), ([block, file]) => {
      const text = Fs.readFileSync(new URL(`own-source/${file}`, import.meta.url), "utf8")
      assert.strictEqual(block, `\`\`\`typescript\n${text}\`\`\``)
      return file
    })
    assert.deepStrictEqual(blocks, ["Broker.ts", "Broker.test.ts"])
  })

  it.effect("shows a source that a chain uses where it is configured, and passes over where it is not", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* winnerWith({ ...environment, ...broker }), "Broker")
      assert.strictEqual(yield* winnerWith(environment), "Environment")
    }))
})
