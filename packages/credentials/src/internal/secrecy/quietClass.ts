/** Keeps values out of what a failing constructor says, for the classes of `Credentials`. */
import * as ParseResult from "effect/ParseResult"
import { describe } from "./secretJson.ts"

/**
 * A schema class whose constructor says what is wrong with its fields without quoting them: `TypeError` in place of
 * `ParseError`, which holds all that it was given.
 */
export const quietClass = <C extends new(...args: never) => object>(name: string, schemaClass: C): C =>
  new Proxy(schemaClass, {
    construct: (target, args: ReadonlyArray<unknown>, made): object => {
      try {
        return Reflect.construct(target, args, made) as object
      } catch (error) {
        throw ParseResult.isParseError(error)
          ? new TypeError(`${name} cannot be made: ${describe(error.issue, "it").join("; ")}`)
          : error
      }
    }
  })
