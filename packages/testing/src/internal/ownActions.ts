/** The APIs in `actions` of a world, beside those of the fake cloud and instead of them. For `answer.ts`. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type { ApiError, Call, Caller } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import type { World } from "../World.ts"
import { accessKeyIdOf, authenticate, checkRequest, versionOf } from "./authenticate.ts"
import type { Target } from "./http.ts"
import { json } from "./http.ts"
import { apiError, success } from "./rpc.ts"
import type { Caller as Signer, Exchange } from "./state.ts"
import { identityOf } from "./state.ts"

/** The product and the API in a key of `actions`. */
export const partsOf = (name: string): readonly [product: string, action: string] => {
  const dot = name.indexOf(".")
  return [name.slice(0, dot), name.slice(dot + 1)]
}

const isHostOf = (product: string, hostname: string): boolean =>
  new RegExp(`^${product.toLowerCase()}(-[a-z0-9-]+)?(\\.[a-z0-9-]+)?\\.aliyuncs\\.com$`).test(hostname)

/** The product with own actions that a host belongs to, the one with the longest name where one begins like another. */
export const ownProduct = ({ actions }: Pick<World, "actions">, { hostname }: Target): string | undefined =>
  Object.keys(actions).map((name) => partsOf(name)[0]).filter((product) => isHostOf(product, hostname))
    .reduce<string | undefined>(
      (longest, product) => longest === undefined || product.length > longest.length ? product : longest,
      undefined
    )

/** The own action that a request to a product is for, as its key. */
export const ownAction = (
  world: Pick<World, "actions">,
  product: string,
  action: string | undefined
): string | undefined =>
  Object.keys(world.actions).find((name) => {
    const [ownProduct, ownAction] = partsOf(name)
    return ownAction === action && ownProduct.toLowerCase() === product.toLowerCase()
  })

const ofSignature = new Set([
  "AccessKeyId",
  "Action",
  "BearerToken",
  "Format",
  "SecurityToken",
  "Signature",
  "SignatureMethod",
  "SignatureNonce",
  "SignatureType",
  "SignatureVersion",
  "Timestamp",
  "Version"
])

const callerOf = (exchange: Exchange, signer: Signer): Caller => {
  const caller = { ...identityOf(signer), accessKeyId: accessKeyIdOf(exchange) }
  return signer._tag === "Role" ? { ...caller, roleArn: signer.roleArn, sessionName: signer.sessionName } : caller
}

const callOf = (exchange: Exchange, name: string, signer: Signer): Call => ({
  name,
  version: versionOf(exchange) ?? "",
  caller: callerOf(exchange, signer),
  parameters: Object.fromEntries(
    Object.entries(exchange.parameters).filter(([parameter]) => !ofSignature.has(parameter))
  ),
  host: exchange.target.host,
  method: exchange.request.method,
  path: exchange.target.path,
  body: exchange.request.body,
  journal: exchange.state.journal.map((entry) => ({ ...entry }))
})

/** Whether a request is in ROA style: in RPC style there is one path. */
export const isRoa = ({ target }: Pick<Exchange, "target">): boolean => target.path !== "/"

const broken = (exchange: Exchange, name: string, defect: unknown): Effect.Effect<never, ApiError> => {
  const problem = `The test's own action ${name} failed: ${String(defect)}`
  exchange.entry.problem = problem
  return Effect.zipRight(
    Effect.logError(problem, Cause.die(defect)),
    apiError(500, "InternalError", problem)
  )
}

const run = (exchange: Exchange, name: string): Effect.Effect<Reply, ApiError> =>
  Effect.flatMap(authenticate(exchange), (signer) =>
    Effect.suspend(() => {
      const result = exchange.state.world.actions[name]?.(callOf(exchange, name, signer)) ?? {}
      return Effect.isEffect(result) ? result as Effect.Effect<object, ApiError> : Effect.succeed(result)
    }).pipe(
      Effect.map((document) => isRoa(exchange) ? json(200, document) : success(exchange, document)),
      Effect.catchAllDefect((defect) => broken(exchange, name, defect))
    ))

/** An API of the world's own; `undefined` is one that the product does not have. */
export const ownApi = (exchange: Exchange, name: string | undefined): Effect.Effect<Reply, ApiError> =>
  Effect.zipRight(
    checkRequest(exchange, { actions: name === undefined ? [] : [partsOf(name)[1]] }),
    name === undefined ? Effect.dieMessage("an unknown action passed") : run(exchange, name)
  )
