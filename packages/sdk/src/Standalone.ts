/// <reference types="node" preserve="true" />
/**
 * The bridges for programs without Effect.
 *
 * @module
 * @since 0.1.0
 */
import type * as CredentialsError from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import type * as AlicloudCredential from "./AlicloudCredential.ts"
import type { CredentialOptions } from "./CredentialOptions.ts"
import { CredentialsClosed } from "./CredentialsClosed.ts"
import * as bridge from "./internal/bridge.ts"
import * as provider from "./internal/provider.ts"
import * as OssCredentials from "./OssCredentials.ts"
import * as PopCoreCredentials from "./PopCoreCredentials.ts"

/**
 * The credential of the official V2 clients, and those of the other clients from the same session.
 *
 * @since 0.1.0
 * @category models
 */
export type StandaloneCredential = AlicloudCredential.Service & {
  /** For `@alicloud/pop-core`. */
  readonly popCore: PopCoreCredentials.Service
  /** For `ali-oss`. It resolves the credentials, and is rejected with the `CredentialsError` when there are none. */
  readonly oss: () => Promise<OssCredentials.Service>
  /**
   * Ends timers and sockets. Later reads are rejected with `CredentialsClosed`. A second call has no effect. A process can
   * exit without it.
   */
  readonly close: () => Promise<void>
  readonly [Symbol.asyncDispose]: () => Promise<void>
}

/** Standard output belongs to the program. */
const logger = Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger))

const build = (options: CredentialOptions | null | undefined, scope: Scope.CloseableScope) =>
  Effect.gen(function*() {
    const layer = provider.layer(options).pipe(Layer.provide(NodePlatform.layer), Layer.provide(logger))
    const made = Context.get(yield* Layer.build(layer), CredentialsProvider.CredentialsProvider)
    if (options?.type === "bearer") {
      // Clients that read the type first cannot get the token in another way.
      yield* made.get
    }
    return {
      credential: yield* bridge.make(made, provider.initialType(options)),
      popCore: yield* PopCoreCredentials.make(made),
      oss: Scope.extend(OssCredentials.make(made), scope)
    }
  }).pipe(Scope.extend(scope))

const run = async <A>(effect: Effect.Effect<A, CredentialsError.CredentialsError>): Promise<A> => {
  const exit = await Effect.runPromiseExit(effect)
  if (Exit.isFailure(exit)) throw Cause.squash(exit.cause)
  return exit.value
}

/**
 * Credentials without Effect: the default chain, one source from the options of the official `Config`, a profile of the
 * aliyun CLI, a list of sources, or a function of your own; and on top of them a role. Create one for the whole program: all
 * clients then share one session, which is refreshed.
 *
 * Invalid options reject the promise with `InvalidConfig`. Missing credentials reject the reads of a client, with a
 * `CredentialsError` as well. Warnings about failed refreshes are written to standard error.
 *
 * @example
 * ```ts
 * import Ecs from "@alicloud/ecs20140526"
 * import OpenApi from "@alicloud/openapi-core"
 * import { createCredential } from "@effect-alicloud/sdk"
 *
 * const { default: Client, DescribeRegionsRequest } = Ecs
 *
 * const main = async () => {
 *   const credential = await createCredential()
 *   const config = new OpenApi.$OpenApiUtil.Config({ credential, endpoint: "ecs.cn-hangzhou.aliyuncs.com" })
 *   const { body } = await new Client(config).describeRegions(new DescribeRegionsRequest({}))
 *   console.log(body?.regions?.region?.map(({ regionId }) => regionId))
 *   await credential.close()
 * }
 * ```
 *
 * @example
 * ```ts
 * import { createCredential } from "@effect-alicloud/sdk"
 *
 * declare const readVault: (signal: AbortSignal) => Promise<{ accessKeyId: string; accessKeySecret: string }>
 *
 * const main = async () => {
 *   const credential = await createCredential({
 *     sources: ["Environment", { get: readVault, name: "Vault" }, { profile: "staging" }],
 *     strict: true,
 *     role: { roleArn: "acs:ram::1234567890123456:role/deploy" },
 *     refresh: { earlyWindow: "10 minutes" },
 *     sessionStore: true
 *   })
 *   return credential.getCredential()
 * }
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const createCredential = async (options?: CredentialOptions | null): Promise<StandaloneCredential> => {
  const scope = Effect.runSync(Scope.make())
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => closing ??= Effect.runPromise(Scope.close(scope, Exit.void))
  try {
    const { credential, oss, popCore } = await run(build(options, scope))
    return Object.assign(credential, {
      popCore,
      oss: () => closing === undefined ? run(oss) : Promise.reject(new CredentialsClosed()),
      close,
      [Symbol.asyncDispose]: close
    })
  } catch (error) {
    await close()
    throw error
  }
}
