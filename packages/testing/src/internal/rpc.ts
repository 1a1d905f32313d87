/** The common parts of RPC style services of the fake cloud. */
import { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import { json, xml } from "./http.ts"
import type { Exchange } from "./state.ts"

export const apiError = (status: number, code: string, message: string): ApiError =>
  new ApiError({ status, code, message })

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

const recommend = ({ requestId }: Exchange, { code }: ApiError, product: string): string =>
  `https://api.aliyun.com/troubleshoot?q=${code}&product=${product}&requestId=${requestId}`

export const failure = (exchange: Exchange, error: ApiError, product: string): Reply =>
  respond(exchange, error.status, "Error", {
    RequestId: exchange.requestId,
    HostId: exchange.target.hostname,
    Code: error.code,
    Message: error.message,
    Recommend: recommend(exchange, error, product)
  })

/** ROA style APIs write their errors in lower case. */
export const roaFailure = (exchange: Exchange, error: ApiError, product: string): Reply =>
  json(error.status, {
    code: error.code,
    message: error.message,
    requestId: exchange.requestId,
    recommend: recommend(exchange, error, product)
  })
