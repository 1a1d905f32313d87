/**
 * Parses and decodes text that may hold secrets, and is the main file of this folder, which keeps secrets out of errors,
 * logs and renderings. Every response, file and output of a program passes through here; `SecretJson` is its public face.
 */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import type { Issue } from "../../CredentialsError.ts"
import { missing, renderIssues } from "../../CredentialsError.ts"
import * as Nearest from "../../unstable/Nearest.ts"
import * as Text from "../../unstable/Text.ts"
import { type JsonFault, jsonFault } from "./jsonFault.ts"

/**
 * The one door for text that may hold secrets. What comes out of it when something is wrong names paths, expectations
 * and types, never a value: schema errors and `JSON.parse` quote their input.
 */
export const parse = (text: string): Effect.Effect<unknown, ReadonlyArray<string>> =>
  Effect.mapError(parseText(text), ({ column, expected, line }) => [
    expected === undefined ? notJson : `${notJson} (line ${line}, column ${column}): expected ${expected}`
  ])

export const notJson = "not valid JSON"

/** Parses text that may hold secrets; the error is data, empty where the place is not known. */
export const parseText = (text: string): Effect.Effect<unknown, Partial<JsonFault>> => {
  const json = text.replace(/^\uFEFF/, "")
  return Effect.try({ try: () => JSON.parse(json) as unknown, catch: (): Partial<JsonFault> => jsonFault(json) ?? {} })
}

/** Decodes a value that may hold secrets; the error is data. */
export const decodeIssues = <A, I>(schema: Schema.Schema<A, I>) => {
  const decodeUnknown = ParseResult.decodeUnknown(schema, { errors: "all" })
  return (value: unknown): Effect.Effect<A, ReadonlyArray<Issue>> =>
    Effect.mapError(decodeUnknown(value), (issue) => issuesOf(issue, document))
}

/** Decodes a value that may hold secrets; the error is sentences. */
export const decode = <A, I>(schema: Schema.Schema<A, I>) => {
  const decodeValue = decodeIssues(schema)
  return (value: unknown): Effect.Effect<A, ReadonlyArray<string>> => Effect.mapError(decodeValue(value), sentences)
}

/** Parses and decodes text that may hold secrets. */
export const decodeText = <A, I>(schema: Schema.Schema<A, I>) => {
  const decodeValue = decode(schema)
  return (text: string): Effect.Effect<A, ReadonlyArray<string>> => Effect.flatMap(parse(text), decodeValue)
}

const document = "the document"

const sentences = (issues: ReadonlyArray<Issue>): ReadonlyArray<string> => issues.map((issue) => renderIssues([issue]))

const typeName = (value: unknown): string => value === null ? "null" : Array.isArray(value) ? "array" : typeof value

/** What a schema wants, in words where it has some. */
const expected = (ast: SchemaAST.AST): string =>
  Option.getOrElse(
    SchemaAST.getDescriptionAnnotation(ast),
    () => SchemaAST.isTypeLiteral(ast) ? "an object" : SchemaAST.isTupleType(ast) ? "an array" : String(ast)
  )

const namesIn = (ast: SchemaAST.AST | undefined): ReadonlyArray<string> =>
  ast !== undefined && SchemaAST.isTypeLiteral(ast) ? ast.propertySignatures.map(({ name }) => String(name)) : []

/** Every place where a value is wrong; `whole` is the name of the value itself. */
export const issuesOf = (issue: ParseResult.ParseIssue, whole: string): ReadonlyArray<Issue> => {
  const collect = (
    issue: ParseResult.ParseIssue,
    path: string,
    key?: PropertyKey,
    known?: SchemaAST.AST
  ): ReadonlyArray<Issue> => {
    const at = (problem: string): ReadonlyArray<Issue> => [
      path === "" ? { problem: `${whole} ${problem}` } : { field: path, problem }
    ]
    switch (issue._tag) {
      case "Pointer": {
        const keys = Arr.ensure(issue.path)
        return collect(issue.issue, keys.reduce(extend, path), keys.at(-1), known)
      }
      case "Composite":
        return Arr.ensure(issue.issues).filter(isTelling).flatMap((inner) => collect(inner, path, key, issue.ast))
      case "Refinement":
        return issue.kind === "From" ? collect(issue.issue, path) : at(`must be ${expected(issue.ast)}`)
      case "Transformation":
        return collect(issue.issue, path)
      case "Missing":
        return at(missing)
      case "Unexpected": {
        const meant = Nearest.meant(namesIn(known), String(key))
        return at(`is not known here${meant === undefined ? "" : `: did you mean ${meant}?`}`)
      }
      case "Type":
        // A transformation has found the right type, and a value that it cannot read.
        return at(
          `must be ${expected(issue.ast)}${
            SchemaAST.isTransformation(issue.ast) ? "" : `, not ${typeName(issue.actual)}`
          }`
        )
      case "Forbidden":
        return at("cannot be read here")
    }
  }
  return collect(issue, "")
}

/** The same in words: `Credentials.AccessKeyId is missing`. */
export const describe = (issue: ParseResult.ParseIssue, whole: string = document): ReadonlyArray<string> =>
  sentences(issuesOf(issue, whole))

/** A field that may be absent or null is a union with `undefined` or `null`, which a wrong value was not meant to be. */
const isTelling = (issue: ParseResult.ParseIssue): boolean =>
  issue._tag !== "Type" || !(SchemaAST.isUndefinedKeyword(issue.ast) ||
    (SchemaAST.isLiteral(issue.ast) && issue.ast.literal === null))

const extend = (path: string, key: PropertyKey): string =>
  typeof key === "number" ? `${path}[${key}]` : `${path === "" ? "" : `${path}.`}${Text.name(String(key)).slice(1, -1)}`
