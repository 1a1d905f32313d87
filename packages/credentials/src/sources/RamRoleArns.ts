/**
 * Many RAM roles behind one keyed session cache, for programs that work in many accounts. Public as
 * `RamRoleArn.layerMany`.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Credentials } from "../Credentials.ts"
import type { CredentialsError, InvalidConfig } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as keyedSessions from "../internal/session/keyed.ts"
import * as reading from "../internal/session/reading.ts"
import type { Session } from "../internal/session/session.ts"
import * as assumeRole from "../internal/source/assumeRole.ts"
import { NonEmptyText, validate } from "../internal/source/options.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import type * as RefreshPolicy from "../RefreshPolicy.ts"
import * as Sts from "../Sts.ts"
import { Sharing } from "../unstable/Sharing.ts"
import type { Caller } from "./RamRoleArn.ts"

const { name } = assumeRole

/**
 * One of many roles: the options that differ between them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role extends Sts.SessionOptions {
  /** The role's ARN, `acs:ram::<account id>:role/<name>`. */
  readonly roleArn: string
  readonly externalId?: string | undefined
  readonly sourceIdentity?: string | undefined
  /** The provider or source whose credentials sign the call. Default: the provider of the layer. */
  readonly caller?: Caller | undefined
}

const Role: Schema.Schema<Role> = Schema.Struct({
  roleArn: NonEmptyText,
  externalId: Schema.optional(NonEmptyText),
  sourceIdentity: Schema.optional(NonEmptyText),
  caller: Schema.optional(assumeRole.CallerFromSelf),
  ...stsOptions.sessionFields
})

/**
 * Many roles behind one keyed session cache.
 *
 * @since 0.1.0
 * @category services
 */
export class RamRoleArns extends Context.Tag("@effect-alicloud/credentials/RamRoleArns")<RamRoleArns, {
  /**
   * The provider of a role. Roles that agree in caller, ARN, session name, lifetime, policy, external id and source
   * identity share a session. With an invalid role `get` fails with `InvalidConfig`.
   */
  readonly provider: (role: Role) => CredentialsProvider.Service
  /** The number of sessions in the cache. */
  readonly size: Effect.Effect<number>
}>() {}

/**
 * The capacity of the cache, its refreshes, and the endpoint of STS.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface ManyOptions extends Sts.Options {
  /** The maximum number of sessions; beyond it the least recently used one is dropped. Default 10,000. */
  readonly capacity?: number | undefined
  /**
   * The maximum of early refreshes per second, the sessions that expire first before the others; `Infinity` for no
   * limit. Default 20: STS is documented to serve about 100 requests per second. Readers never wait for this limit.
   */
  readonly refreshesPerSecond?: number | undefined
  /** When a session is refreshed. */
  readonly refresh?: RefreshPolicy.Options | undefined
}

const ManyOptions = Schema.Struct({
  capacity: Schema.optional(
    Schema.Number.pipe(Schema.filter((count) => Number.isInteger(count) && count > 0, {
      identifier: "Capacity",
      description: "a whole number above 0"
    }))
  ),
  refreshesPerSecond: Schema.optional(
    Schema.Number.pipe(Schema.filter((rate) => rate > 0, { identifier: "Rate", description: "a number above 0" }))
  ),
  ...stsOptions.optionFields
})

const reportOf = (
  outcome: Exit.Exit<Credentials, CredentialsError> | undefined
): CredentialsProvider.ChainReport => {
  if (outcome === undefined) {
    return { winner: Option.none(), outcomes: [{ _tag: "NotAsked", source: name }] }
  }
  if (Exit.isSuccess(outcome)) {
    const { providerName } = outcome.value
    return { winner: Option.some(name), outcomes: [{ _tag: "Won", source: name, providerName }] }
  }
  return {
    winner: Option.none(),
    outcomes: Option.match(Cause.failureOption(outcome.cause), {
      onNone: () => [{ _tag: "NotAsked", source: name }],
      onSome: (error) => [{ _tag: "Skipped", source: name, error }]
    })
  }
}

/** The provider of an invalid role, which always fails. */
const invalid = (error: InvalidConfig): CredentialsProvider.Service => ({
  get: Effect.fail(error),
  invalidate: () => Effect.void,
  unsafeCurrent: () => undefined,
  report: Effect.succeed(reportOf(Exit.fail(error)))
})

/**
 * Assumes many roles with the credentials of the provider in the context, for programs that work in many accounts.
 *
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "@effect-alicloud/credentials"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const roles = yield* RamRoleArn.RamRoleArns
 *   return yield* roles.provider({ roleArn: "acs:ram::1234567890123456:role/audit" }).get
 * })
 *
 * const layer = RamRoleArn.layerMany({ capacity: 500 }).pipe(Layer.provide(Environment.layer()))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMany = (options: ManyOptions = {}): Layer.Layer<
  RamRoleArns,
  InvalidConfig,
  CredentialsProvider.CredentialsProvider | HttpClient.HttpClient
> =>
  Layer.scoped(
    RamRoleArns,
    Effect.gen(function*() {
      const { refresh, ...given } = options
      const { capacity, refreshesPerSecond, ...clientOptions } = yield* validate(name, ManyOptions)(given)
      const layerCaller: Caller = yield* CredentialsProvider.CredentialsProvider
      const layerName = yield* stsOptions.roleSessionName({}, yield* env.capture(name))
      const assume = yield* assumeRole.make
      const sts = yield* Sts.make(name, clientOptions)
      const sessions = yield* keyedSessions.make({
        capacity: capacity ?? 10_000,
        refreshesPerSecond: refreshesPerSecond ?? 20,
        refresh
      })
      const callers = new WeakMap<Caller, number>()
      let callerCount = 0
      const identify = (caller: Caller): number => {
        const known = callers.get(caller) ?? ++callerCount
        callers.set(caller, known)
        return known
      }
      const providerOf = ({ caller = layerCaller, ...given }: Role): CredentialsProvider.Service => {
        // Written out field by field: copies made by spreading are several times as large.
        const role = {
          roleArn: given.roleArn,
          roleSessionName: given.roleSessionName ?? layerName.roleSessionName,
          defaultSessionName: layerName.defaultSessionName,
          roleSessionExpiration: given.roleSessionExpiration,
          policy: given.policy,
          externalId: given.externalId,
          sourceIdentity: given.sourceIdentity
        }
        const key = JSON.stringify([identify(caller), ...Object.values(role)])
        const open = (): Session =>
          sessions.open(key, {
            name,
            lookup: Effect.map(
              assume(sts, caller, role).get,
              (credentials) => ({ credentials, source: name, undated: "expire" })
            )
          })
        const session = (): Session => sessions.get(key) ?? open()
        return {
          get: reading.make(() => session().read()),
          invalidate: (rejected) =>
            Effect.suspend(() => {
              sessions.get(key)?.invalidate(rejected)
              return assume(sts, caller, role)[Sharing]?.invalidate(rejected) ?? Effect.void
            }),
          unsafeCurrent: () => sessions.get(key)?.unsafeCurrent(),
          report: Effect.sync(() => reportOf(sessions.get(key)?.outcome()))
        }
      }
      const provider = (role: Role): CredentialsProvider.Service =>
        Either.match(validate(name, Role)(role), { onLeft: invalid, onRight: providerOf })
      return { provider, size: Effect.sync(() => sessions.size()) }
    })
  )
