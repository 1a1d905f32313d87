/** The responses of the private server. */
import * as Http from "node:http"

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export const text = (body: string): Answer => ({ status: 200, headers: { "content-type": "text/plain" }, body })

export const json = (status: number, body: string): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body
})

/** An error without JSON, as the metadata service answers; it says nothing but its status. */
export const page = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => {
  const title = `${status} - ${Http.STATUS_CODES[status]}`
  return {
    status,
    headers: { "content-type": "text/html", ...headers },
    body: `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`
  }
}

export const notFound: Answer = page(404)

export const notAllowed = (allow: string): Answer => page(405, { allow })
