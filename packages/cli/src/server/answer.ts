/** The responses of the private server. */
import * as Http from "node:http"
import { refusals } from "../messages/serve.ts"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Why the request was refused, for the log. Clients are not told. */
  readonly reason?: string
}

export const text = (body: string): Answer => ({ status: 200, headers: { "content-type": "text/plain" }, body })

export const json = (status: number, body: string): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body
})

/** A refusal without JSON, as the metadata service answers; it says nothing but its status. */
export const refuse = (status: number, reason: string, headers: Readonly<Record<string, string>> = {}): Answer => {
  const title = `${status} - ${Http.STATUS_CODES[status]}`
  return {
    status,
    headers: { "content-type": "text/html", ...headers },
    reason,
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
  }
}

export const notAllowed = (allow: string): Answer => refuse(405, refusals.method, { allow })
