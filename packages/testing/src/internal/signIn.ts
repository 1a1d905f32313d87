/** The sign-in pages of the fake cloud, and the codes they send browsers back with. */
import { sha256, utf8 } from "@effect-alicloud/credentials/unstable/WebCrypto"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import { queryOf, reply } from "./http.ts"
import { apiError } from "./rpc.ts"
import type { Exchange, State } from "./state.ts"
import type { OAuthLogin, OAuthUser } from "./worldSchema.ts"

/** A code that a sign-in page has given to a browser. */
export interface SignInCode {
  readonly user: OAuthUser
  readonly clientId: string
  readonly redirectUri: string
  readonly challenge: string
  readonly expiresAt: number
  /** A code works once; a second use ends the login that it made. */
  login: OAuthLogin | undefined
}

const codeSeconds = 300

/** The addresses that are registered for the aliyun CLI. */
const redirectUri = /^http:\/\/127\.0\.0\.1:1234[5-9]\/cli\/callback$/

const escape = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** A page for people. */
export const signInPage = (status: number, title: string, text: string): Reply =>
  reply(
    status,
    `<!DOCTYPE html><html lang="en"><title>${escape(title)}</title><h1>${escape(title)}</h1><p>${
      escape(text)
    }</p></html>`,
    "text/html; charset=utf-8"
  )

/** Signs in whoever the world says: with one redirect, as for a user who has a session and has agreed before. */
export const authorize = (
  { now, state, target }: Exchange,
  site: { readonly id: OAuthLogin["site"]; readonly clientId: string }
): Reply => {
  const query = queryOf(target)
  const wrong = (text: string): Reply => signInPage(400, "Sign-in is not possible", text)
  if (query["response_type"] !== "code") return wrong("response_type must be code.")
  if (query["client_id"] !== site.clientId) return wrong("The client is not known at this site.")
  if (!redirectUri.test(query["redirect_uri"] ?? "")) return wrong("The redirect address is not registered.")
  if (query["code_challenge_method"] !== "S256") return wrong("code_challenge_method must be S256.")
  if (!/^[\w-]{43}$/.test(query["code_challenge"] ?? "")) return wrong("The code challenge is not a SHA-256 hash.")
  if ((query["state"] ?? "") === "") return wrong("There is no state.")
  const user = state.world.oauthUsers.find((user) => user.site === site.id)
  if (user === undefined) return signInPage(200, "Sign in", "No user of this browser is signed in.")
  const answer = new URLSearchParams({ state: query["state"] ?? "" })
  if (user.denies) {
    answer.set("error", "access_denied")
  } else {
    const code = `fake-oauth-code-${String(++state.signInCount).padStart(4, "0")}`
    answer.set("code", code)
    state.signInCodes.set(code, {
      user,
      clientId: site.clientId,
      redirectUri: query["redirect_uri"] ?? "",
      challenge: query["code_challenge"] ?? "",
      expiresAt: now + codeSeconds * 1000,
      login: undefined
    })
  }
  return {
    _tag: "Reply",
    status: 302,
    headers: { location: `${query["redirect_uri"]}?${answer}`, "cache-control": "no-store" },
    body: ""
  }
}

const invalidGrant = (text: string): ApiError => apiError(400, "invalid_grant", text)

/** The hash that a challenge is. */
export const challengeOf = (verifier: string): Effect.Effect<string> =>
  Effect.map(Effect.promise(() => sha256(utf8(verifier))), Encoding.encodeBase64Url)

/** The code of a form, when everything that belongs to it is right. The second use of a code revokes its login. */
export const redeemCode = (
  state: State,
  form: Readonly<Record<string, string>>,
  now: number,
  revoke: (login: OAuthLogin) => void
): Effect.Effect<SignInCode, ApiError> =>
  Effect.gen(function*() {
    const missing = ["code", "redirect_uri", "code_verifier"].find((name) => (form[name] ?? "") === "")
    if (missing !== undefined) return yield* apiError(400, "invalid_request", `The form lacks ${missing}.`)
    const found = state.signInCodes.get(form["code"] ?? "")
    if (found === undefined) return yield* invalidGrant("The code is not known.")
    if (found.login !== undefined) {
      revoke(found.login)
      return yield* invalidGrant("The code was used before; its login is revoked.")
    }
    if (found.expiresAt <= now) return yield* invalidGrant("The code is expired.")
    if (found.clientId !== form["client_id"]) return yield* invalidGrant("The code is of another client.")
    if (found.redirectUri !== form["redirect_uri"]) return yield* invalidGrant("The redirect address is another one.")
    const verifier = form["code_verifier"] ?? ""
    if (!/^[\w.~-]{43,128}$/.test(verifier) || (yield* challengeOf(verifier)) !== found.challenge) {
      return yield* invalidGrant("The verifier does not belong to the challenge.")
    }
    return found
  })
