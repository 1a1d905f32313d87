import * as HttpClient from "@effect/platform/HttpClient"
import { Effect } from "effect"
import * as Http from "node:http"

export interface Page {
  readonly status: number
  readonly headers: Http.IncomingHttpHeaders
  readonly text: string
}

export interface Visit {
  readonly method?: string
  readonly headers?: Http.OutgoingHttpHeaders
  readonly body?: string
}

/** Goes to an address of this machine, as a browser does. Fails when there is no answer. */
export const visit = (url: string, { body = "", headers = {}, method = "GET" }: Visit = {}): Effect.Effect<
  Page,
  Error
> =>
  Effect.async((resume) => {
    const request = Http.request(url, { method, headers, agent: false }, (response) => {
      let text = ""
      response.on("data", (chunk) => {
        text += String(chunk)
      })
      response.on("end", () =>
        resume(Effect.succeed({ status: response.statusCode ?? 0, headers: response.headers, text })))
    })
    request.on("error", (error) =>
      resume(Effect.fail(error)))
    request.end(body)
  })

/** Where the sign-in page of the fake cloud sends a browser. */
export const redirectOf = (address: string): Effect.Effect<string, unknown, HttpClient.HttpClient> =>
  Effect.flatMap(
    HttpClient.get(address),
    ({ headers, status }) =>
      status === 302 && headers["location"] !== undefined
        ? Effect.succeed(headers["location"])
        : Effect.fail(`the sign-in page answered with ${status}`)
  )

/** A browser whose user is signed in: it opens the page and follows its redirect. */
export const signsIn = (address: string): Effect.Effect<Page, unknown, HttpClient.HttpClient> =>
  Effect.flatMap(redirectOf(address), (location) => visit(location))
