/**
 * What a lookup has led through, so that it does not lead back there: programs of `External` profiles, which a variable
 * of the child's environment names, and private servers, which a header of requests to this machine names. Used by
 * `CliProfile`, `External` and `CredentialsUri`, and by `exec` and `serve` of the command line tool.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as Text from "./Text.ts"

/**
 * The variable that names what leads to a program.
 *
 * @since 0.1.0
 * @category constants
 */
export const variable = "ALICLOUD_CREDENTIALS_PROCESS_CHAIN"

/**
 * The header that names the private servers which lead to a request. It is sent to this machine only.
 *
 * @since 0.1.0
 * @category constants
 */
export const header = "x-alicloud-credentials-servers"

/**
 * The `Code` of a server that refuses because of a circle. `Circle` in the same answer has the names.
 *
 * @since 0.1.0
 * @category constants
 */
export const code = "Circle"

/**
 * How the command line tool ends as the program of a profile that led back to itself. A wrapper may drop what it says.
 *
 * @since 0.1.0
 * @category constants
 */
export const exitCode = 88

/**
 * The programs, and the servers, that may lead to one another. Whether a longer row is a circle shows only when it has
 * been gone round, and no circle may have more of them.
 *
 * @since 0.1.0
 * @category constants
 */
export const most = 3

/**
 * A private server: an id that it has chosen at random, and its address without the secret.
 *
 * @since 0.1.0
 * @category models
 */
export const Server = Schema.Struct({ server: Schema.String, address: Schema.String })

/**
 * A private server.
 *
 * @since 0.1.0
 * @category models
 */
export type Server = typeof Server.Type

const Program = Schema.Struct({ file: Schema.String, profile: Schema.String })

/**
 * The profile of a program, or a private server.
 *
 * @since 0.1.0
 * @category models
 */
export type Link = typeof Program.Type | Server

const Chain = Schema.parseJson(Schema.Array(Schema.Union(Program, Server)))

/**
 * The text of the variable and of the header.
 *
 * @since 0.1.0
 * @category encoding
 */
export const encode: (chain: ReadonlyArray<Link>) => string = Schema.encodeSync(Chain)

/**
 * Reads the text of the variable or of the header. One that cannot be read names nothing.
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode = (text: string | undefined): ReadonlyArray<Link> =>
  Option.getOrElse(Schema.decodeUnknownOption(Chain)(text), () => [])

/**
 * The servers among them.
 *
 * @since 0.1.0
 * @category filtering
 */
export const serversOf = (chain: ReadonlyArray<Link>): ReadonlyArray<Server> => chain.filter((link) => "server" in link)

/**
 * The private servers for which this lookup is made, the last one in this process.
 *
 * @since 0.1.0
 * @category references
 */
export class CurrentServers
  extends Context.Reference<CurrentServers>()("@effect-alicloud/credentials/unstable/Circle/CurrentServers", {
    defaultValue: (): ReadonlyArray<Server> => []
  })
{}

/**
 * All that leads to this lookup, by the variables of an environment. A variable that may not be read names nothing.
 *
 * @since 0.1.0
 * @category accessors
 */
export const current = (environment: {
  readonly text: (name: string) => Effect.Effect<string | undefined, InvalidConfig>
}): Effect.Effect<ReadonlyArray<Link>> =>
  Effect.zipWith(
    Effect.orElseSucceed(environment.text(variable), () => undefined),
    CurrentServers,
    (text, servers) => [...decode(text), ...servers]
  )

/**
 * The name of a link in errors.
 *
 * @since 0.1.0
 * @category rendering
 */
export const nameOf = (link: Link): string => Text.label("server" in link ? link.address : link.profile)

/**
 * What leads to what.
 *
 * @since 0.1.0
 * @category rendering
 */
export const path = (names: ReadonlyArray<string>): string => names.map((name) => `"${name}"`).join(" -> ")

/**
 * How the sentences begin that name what leads in a circle, or on too far.
 *
 * @since 0.1.0
 * @category rendering
 */
export const sentences = { circle: "leads back to itself: ", long: "leads through too many others: " } as const

/**
 * The sentence about what leads in a circle, when the last name is among those before it, or on too far.
 *
 * @since 0.1.0
 * @category rendering
 */
export const sentence = (names: ReadonlyArray<string>): string =>
  sentences[names.indexOf(names.at(-1) ?? "") < names.length - 1 ? "circle" : "long"] + path(names)
