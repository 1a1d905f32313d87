/**
 * With Effect: many uploads at once under a role's session, and a URL to read one of them.
 */
import { NodeCredentials } from "@effect-alicloud/node"
import { OssCredentials } from "@effect-alicloud/sdk"
import OSS from "ali-oss"
import { Console, Effect, Layer } from "effect"

const reports = Array.from({ length: 10 }, (_, day) => ({ name: `reports/${day + 1}.txt`, text: `day ${day + 1}` }))

const program = Effect.gen(function*() {
  const credentials = yield* OssCredentials.OssCredentials
  const client = new OSS({ ...credentials.options, region: "oss-cn-hangzhou", bucket: "company-reports", secure: true })

  const upload = ({ name, text }: (typeof reports)[number]) =>
    Effect.tryPromise(() => credentials.retryOnRejected(() => client.put(name, Buffer.from(text))))
  yield* Effect.forEach(reports, upload, { concurrency: 5, discard: true })

  yield* Effect.tryPromise(() => credentials.refresh(client))
  const url = yield* Effect.tryPromise(() => client.signatureUrlV4("GET", 600, {}, "reports/1.txt"))
  yield* Console.log(`uploaded ${reports.length}, read the first at ${new URL(url).origin}`)
})

const layer = Layer.provide(OssCredentials.layer, NodeCredentials.layer)

await Effect.runPromise(Effect.provide(program, layer))
