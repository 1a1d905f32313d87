/**
 * What a login needs of the program around it: a browser, a listener for the answer of the sign-in page, and a user who is
 * shown addresses and chooses. `OAuthLogin` and `CloudSsoLogin` use them; `@effect-alicloud/node` has a browser and a
 * listener for Node.js.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"

/**
 * Opens the browser of the user.
 *
 * @since 0.1.0
 * @category services
 */
export class Browser extends Context.Tag("@effect-alicloud/credentials/Browser")<Browser, {
  /** Opens an address, and tells whether that worked. It does not wait for the user. */
  readonly open: (address: string) => Effect.Effect<boolean>
}>() {}

/**
 * What to answer a browser that comes back from the sign-in page: `accepted` and `denied` end the wait, a `refused` request
 * is not the answer of this login.
 *
 * @since 0.1.0
 * @category models
 */
export type Verdict = "accepted" | "denied" | "refused"

/**
 * A listener that was bound.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listening {
  /** The address of the listener, with its port. */
  readonly redirectUri: string
  /** The whole address of the first request that was not refused. */
  readonly received: Effect.Effect<Redacted.Redacted>
}

/**
 * Listens on 127.0.0.1 for the browser that comes back from the sign-in page.
 *
 * @since 0.1.0
 * @category services
 */
export class Callback extends Context.Tag("@effect-alicloud/credentials/Callback")<Callback, {
  /**
   * Binds the first free port, until the scope closes. Fails with the reason when none is free. Only a browser's GET of
   * `path` that comes to this very address is judged.
   */
  readonly listen: (options: {
    readonly ports: ReadonlyArray<number>
    readonly path: string
    readonly judge: (address: Redacted.Redacted, redirectUri: string) => Verdict
  }) => Effect.Effect<Listening, string, Scope.Scope>
}>() {}

/**
 * An address at which the user signs in.
 *
 * @since 0.1.0
 * @category models
 */
export interface SignIn {
  readonly address: string
  /** The code that the page shows, too. */
  readonly userCode?: string | undefined
  /** Whether the browser opens it. */
  readonly opened: boolean
  /** Whether the user is then asked to paste the address at which the browser ends. */
  readonly pasted: boolean
}

/**
 * One of several things to choose from.
 *
 * @since 0.1.0
 * @category models
 */
export interface Choice {
  readonly id: string
  readonly name: string
}

/**
 * The user, who sees addresses and chooses.
 *
 * @since 0.1.0
 * @category services
 */
export class Prompt extends Context.Tag("@effect-alicloud/credentials/Prompt")<Prompt, {
  readonly show: (signIn: SignIn) => Effect.Effect<void>
  /** Lets the user choose one. Fails with the reason when there is no user who could. */
  readonly choose: <A extends Choice>(
    question: "account" | "access configuration",
    choices: ReadonlyArray<A>
  ) => Effect.Effect<A, string>
  /**
   * A line that the user pastes. `problem` is what was wrong with the line before. Fails with the reason when there will be
   * none.
   */
  readonly paste: (problem: string | undefined) => Effect.Effect<Redacted.Redacted, string>
}>() {}
