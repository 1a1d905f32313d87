/** The common parts of RPC style services of the fake cloud. */
import * as Data from "effect/Data"
import type { Reply } from "../FakeAlicloud.ts"
import { json, xml } from "./http.ts"
import type { Exchange } from "./state.ts"

/** An error in the words of the service. */
export class ApiError extends Data.TaggedError("ApiError")<{
  readonly status: number
  readonly code: string
  readonly text: string
}> {}

export const apiError = (status: number, code: string, text: string): ApiError => new ApiError({ status, code, text })

export const invalidParameter = (name: string, text: string): ApiError =>
  apiError(400, `InvalidParameter.${name}`, text)

export const missingParameter = (name: string): ApiError =>
  apiError(
    400,
    "MissingParameter",
    `The input parameter "${name}" that is mandatory for processing this request is not supplied.`
  )

/** The name of the called API. */
export const actionOf = (exchange: Pick<Exchange, "parameters" | "request">): string | undefined =>
  exchange.request.headers["x-acs-action"] ?? exchange.parameters["Action"]

const wantsJson = ({ parameters, request }: Exchange): boolean =>
  parameters["Format"] === undefined
    ? (request.headers["x-acs-action"] !== undefined || (request.headers["accept"] ?? "").includes("json"))
    : parameters["Format"].toUpperCase() === "JSON"

const respond = (exchange: Exchange, status: number, root: string, document: object): Reply =>
  wantsJson(exchange) ? json(status, document) : xml(status, root, document)

export const success = (exchange: Exchange, document: object): Reply =>
  respond(exchange, 200, `${actionOf(exchange) ?? ""}Response`, { RequestId: exchange.requestId, ...document })

export const failure = (exchange: Exchange, error: ApiError): Reply => {
  const product = exchange.target.hostname.startsWith("ecs") ? "Ecs" : "Sts"
  return respond(exchange, error.status, "Error", {
    RequestId: exchange.requestId,
    HostId: exchange.target.hostname,
    Code: error.code,
    Message: error.text,
    Recommend: `https://api.aliyun.com/troubleshoot?q=${error.code}&product=${product}&requestId=${exchange.requestId}`
  })
}
