/** The accounts and access configurations of a CloudSSO user, for `CloudSsoLogin`. */
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SourceFailed } from "../../CredentialsError.ts"
import type { Choice } from "../../LoginServices.ts"
import { Prompt } from "../../LoginServices.ts"
import * as secretJson from "../secrecy/secretJson.ts"
import * as cloudSso from "./cloudSso.ts"

type List<A> = Effect.Effect<A, ReadonlyArray<string>>

interface Page {
  readonly choices: ReadonlyArray<Choice>
  readonly next: string | undefined
}

const pageFields = {
  IsTruncated: Schema.optional(Schema.NullOr(Schema.Boolean)),
  NextToken: Schema.optional(Schema.NullOr(Schema.String))
}

const Name = Schema.optional(Schema.NullOr(Schema.String))

const Configurations = Schema.Array(Schema.Struct({
  AccessConfigurationId: Schema.NonEmptyString,
  AccessConfigurationName: Name
}))

const decodeAccounts = secretJson.decodeText(Schema.Struct({
  Accounts: Schema.Array(Schema.Struct({ AccountId: Schema.NonEmptyString, DisplayName: Name })),
  ...pageFields
}))

const decodeConfigurations = secretJson.decodeText(Schema.Union(
  Schema.Struct({ AccessConfigurationsForAccount: Configurations, ...pageFields }),
  Schema.Struct({ AccessConfigurations: Configurations, ...pageFields })
))

const nextOf = (page: Schema.Struct.Type<typeof pageFields>): string | undefined =>
  page.IsTruncated === true && page.NextToken ? page.NextToken : undefined

const accounts = (text: string): List<Page> =>
  Effect.map(decodeAccounts(text), (page) => ({
    choices: page.Accounts.map(({ AccountId, DisplayName }) => ({ id: AccountId, name: DisplayName ?? AccountId })),
    next: nextOf(page)
  }))

const configurations = (text: string): List<Page> =>
  Effect.map(decodeConfigurations(text), (page) => ({
    choices: ("AccessConfigurations" in page ? page.AccessConfigurations : page.AccessConfigurationsForAccount)
      .map(({ AccessConfigurationId, AccessConfigurationName }) => ({
        id: AccessConfigurationId,
        name: AccessConfigurationName ?? AccessConfigurationId
      })),
    next: nextOf(page)
  }))

/** A list that never ends is not read for ever. */
const maxPages = 200

const lists = {
  account: { path: "accounts", decode: accounts },
  "access configuration": { path: "access-configurations", decode: configurations }
} as const

type Kind = keyof typeof lists

/** All pages of a list. */
const all = (
  ask: cloudSso.Ask,
  kind: Kind,
  options: {
    readonly origin: string
    readonly token: Redacted.Redacted
    readonly query: Readonly<Record<string, string>>
  }
): Effect.Effect<ReadonlyArray<Choice>, SourceFailed> =>
  Effect.gen(function*() {
    const found = new Map<string, Choice>()
    let next: string | undefined
    for (let page = 0; page < maxPages; page++) {
      const answer = yield* ask({
        what: `the list of ${kind}s`,
        request: HttpClientRequest.get(`${options.origin}/access-assignments/${lists[kind].path}`).pipe(
          HttpClientRequest.setUrlParams({ ...options.query, ...(next === undefined ? {} : { NextToken: next }) }),
          HttpClientRequest.bearerToken(options.token)
        ),
        decode: lists[kind].decode
      })
      for (const choice of answer.choices) found.set(choice.id, choice)
      if (answer.next === undefined || answer.next === next) break
      next = answer.next
    }
    return [...found.values()]
  })

const failed = (detail: string): SourceFailed =>
  new SourceFailed({ source: cloudSso.name, reason: "Denied", detail, retryable: false })

/**
 * Lets one of a list be chosen: the wanted one by id or name, else the stored one while it is listed, else the only one,
 * else the one that the user chooses.
 */
export const choose = (
  ask: cloudSso.Ask,
  kind: Kind,
  options: Parameters<typeof all>[2] & { readonly wanted: string | undefined; readonly stored: string | undefined }
): Effect.Effect<string, SourceFailed, Prompt> =>
  Effect.gen(function*() {
    const { stored, wanted } = options
    const choices = yield* all(ask, kind, options)
    const [first, ...others] = choices
    if (first === undefined) {
      return yield* failed(`there is no ${kind} for this user`)
    }
    const find = (text: string): Choice | undefined =>
      choices.find(({ id }) => id === text) ?? choices.find(({ name }) => name === text)
    if (wanted !== undefined) {
      const found = find(wanted)
      return found === undefined
        ? yield* failed(`the ${kind} that was asked for is not among the ${choices.length} of this user`)
        : found.id
    }
    const kept = choices.find(({ id }) => id === stored) ?? (others.length === 0 ? first : undefined)
    if (kept !== undefined) return kept.id
    const prompt = yield* Prompt
    return (yield* Effect.mapError(prompt.choose(kind, choices), failed)).id
  })
