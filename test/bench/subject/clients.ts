import Official from "@alicloud/credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as FromConfig from "@effect-alicloud/credentials/FromConfig"
import * as NodeHttp from "@effect-alicloud/node/NodeHttp"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type * as Scope from "effect/Scope"
import { key, roleArn } from "./world.ts"

const { Config, RAMRoleARNCredentialsProvider, default: Client } = Official

export type Side = "official" | "ours"

/** A session's lifetime in seconds that both clients take for long. */
export const longSession = 3600

const config = (seconds: number) => ({
  type: "ram_role_arn",
  ...key,
  roleArn: roleArn("bench"),
  roleSessionName: "bench",
  roleSessionExpiration: seconds
})

export const quiet = Logger.remove(Logger.defaultLogger)

/** The official client of the role. */
export const officialRole = (seconds: number): Official.default => new Client(new Config(config(seconds)))

/** Our provider of the role, over the network of Node.js. `watch` sees each request. */
export const ownRole = (
  seconds: number,
  watch: <A, E, R>(request: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> = (request) => request
): Effect.Effect<CredentialsProvider.Service, unknown, Scope.Scope> => {
  const client = Layer.effect(
    HttpClient.HttpClient,
    Effect.map(HttpClient.HttpClient, (client) => HttpClient.make((request) => watch(client.execute(request))))
  )
  const platform = Layer.merge(NodePlatform.layer, Layer.provide(client, NodeHttp.layer))
  return Layer.build(Layer.provide(FromConfig.layer(config(seconds)), Layer.merge(platform, quiet))).pipe(
    Effect.map(Context.get(CredentialsProvider.CredentialsProvider))
  )
}

/** A request of the official client, as it hands it to the function that sends it. */
export interface OfficialRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly bodyForm?: Readonly<Record<string, string>>
  readonly toRequestURL: () => string
}

export interface OfficialResponse {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

export type DoRequest = (request: OfficialRequest) => Promise<OfficialResponse>

/** The official client of a role, with something put around the function that sends its requests. */
export const officialRoleThrough = (
  around: (doRequest: DoRequest) => DoRequest,
  seconds: number,
  arn = roleArn("bench")
): Official.default => {
  const caller = Official.StaticAKCredentialsProvider.builder()
    .withAccessKeyId(key.accessKeyId)
    .withAccessKeySecret(key.accessKeySecret)
    .build()
  const provider = RAMRoleARNCredentialsProvider.builder()
    .withCredentialsProvider(caller)
    .withRoleArn(arn)
    .withRoleSessionName("bench")
    .withDurationSeconds(seconds)
    .build()
  const open = provider as unknown as { doRequest: DoRequest }
  open.doRequest = around(open.doRequest)
  return new Client(null, provider)
}
