/** The Container Service of the fake cloud, as an example of a ROA style API. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import type { Api } from "./authenticate.ts"
import { authenticate, checkRequest } from "./authenticate.ts"
import { json, parseJson, queryOf } from "./http.ts"
import { actionOf, apiError } from "./rpc.ts"
import type { Exchange } from "./state.ts"

interface Route {
  readonly method: string
  readonly path: RegExp
  /** `id` is the last part of the path, decoded. */
  readonly answer: (exchange: Exchange, id: string) => Effect.Effect<object, ApiError>
}

const created = (exchange: Exchange): Effect.Effect<object, ApiError> => {
  const isJson = (exchange.request.headers["content-type"] ?? "").startsWith("application/json")
  const document = parseJson(exchange.request.body)
  return isJson && Option.isSome(document) && typeof document.value === "object" && document.value !== null
    ? Effect.succeed({ cluster_id: "c-fake", request_id: exchange.requestId, ...document.value })
    : apiError(400, "InvalidRequestBody", "The request body is not valid JSON.")
}

const routes: Readonly<Record<string, Route>> = {
  DescribeClustersV1: {
    method: "GET",
    path: /^\/api\/v1\/clusters$/,
    answer: (exchange) =>
      Effect.succeed({ clusters: [{ cluster_id: "c-fake", name: queryOf(exchange.target)["name"] ?? "fake" }] })
  },
  CreateCluster: { method: "POST", path: /^\/clusters$/, answer: created },
  DescribeClusterDetail: {
    method: "GET",
    path: /^\/clusters\/([^/]+)$/,
    answer: (_, id) => Effect.succeed({ cluster_id: id })
  },
  DeleteCluster: {
    method: "DELETE",
    path: /^\/clusters\/([^/]+)$/,
    answer: (_, id) => Effect.succeed({ cluster_id: id })
  }
}

export const csApi: Api = { actions: Object.keys(routes), version: "2015-12-15" }

/** Some APIs of Container Service, to try ROA style requests on. */
export const cs: (exchange: Exchange) => Effect.Effect<Reply, ApiError> = Effect.fnUntraced(function*(exchange) {
  yield* checkRequest(exchange, csApi)
  const route = routes[actionOf(exchange) ?? ""]
  const match = route?.path.exec(exchange.target.path)
  if (route === undefined || route.method !== exchange.request.method || match === null || match === undefined) {
    return yield* apiError(404, "InvalidAction.NotFound", "Specified api is not found.")
  }
  yield* authenticate(exchange)
  return json(200, yield* route.answer(exchange, decodeURIComponent(match[1] ?? "")))
})
