/** The checks of `doctor` for incomplete, ineffective and misspelt variables. */
import * as Nearest from "@effect-alicloud/credentials/unstable/Nearest"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as HashSet from "effect/HashSet"
import * as Order from "effect/Order"
import * as environment from "../../internal/environment.ts"
import * as messages from "../../messages/doctor.ts"
import type { Finding } from "./Finding.ts"

const tokenFile = environment.oidc[2]

const [tokenFrom] = environment.oidcTokens

const half = (subject: string, names: ReadonlyArray<string>, level: Finding["level"]): Effect.Effect<
  ReadonlyArray<Finding>
> =>
  Effect.map(
    Effect.partition(names, (name) =>
      Effect.if(environment.isSet(name), {
        onTrue: () => Effect.succeed(name),
        onFalse: () => Effect.fail(name)
      })),
    ([missing, set]) =>
      missing.length === 0 || set.length === 0 ? [] : [{
        check: "halfSet",
        level,
        subject,
        message: messages.halfSet(set, missing),
        fix: messages.completePair(
          set,
          missing.map((name) => name === tokenFile ? messages.orTokenFrom(name, tokenFrom) : name)
        ),
        toldBy: subject
      }]
  )

/** Variables that only have a meaning together, and some of which are missing. */
export const halfSet: Effect.Effect<ReadonlyArray<Finding>> = Effect.gen(function*() {
  const [main, legacy] = [environment.mainPair, environment.legacyPair]
  const hasMain = yield* Effect.exists(main, environment.isSet)
  const legacySet = yield* Effect.filter(legacy, environment.isSet)
  const [role, provider, file] = environment.oidc
  const token = (yield* environment.firstOf([...environment.oidcTokens, file]))?.name ?? file
  const roleAlone = (yield* environment.isSet(role)) && !(yield* Effect.exists([provider, token], environment.isSet))
  const findings: Array<Finding> = [
    ...(yield* half("Environment", main, "error")),
    ...(hasMain ? [] : yield* half("Environment", legacy, "error")),
    ...(roleAlone ? [] : yield* half("OidcRoleArn", [role, provider, token], "error"))
  ]
  if (hasMain && legacySet.length > 0) {
    findings.push({
      check: "shadowed",
      level: "info",
      subject: legacySet.join(", "),
      message: messages.legacyIgnored(legacySet.join(", "), main[0])
    })
  }
  if (roleAlone) {
    findings.push({ check: "halfSet", level: "info", subject: "OidcRoleArn", message: messages.roleAlone(role) })
  }
  if (!hasMain && (yield* environment.isSet(environment.token))) {
    findings.push({
      check: "halfSet",
      level: "warning",
      subject: "Environment",
      message: messages.lonelyToken(environment.token, main[0]),
      fix: messages.unsetOrComplete(environment.token, main[0])
    })
  }
  return findings
})

/** A profile that is named although profiles are switched off. */
export const unused: Effect.Effect<ReadonlyArray<Finding>> = Effect.gen(function*() {
  const named = yield* environment.firstOf(environment.profileVariables)
  return named === undefined || !(yield* environment.isTrue(environment.cliProfilesOff)) ? [] : [{
    check: "variable",
    level: "info",
    subject: named.name,
    message: messages.profileUnused(named.name, Text.label(named.value))
  }]
})

/** Quotes that a shell would have taken away; Docker's `--env-file` and others pass them on. The sources keep them. */
export const quoted: Effect.Effect<ReadonlyArray<Finding>> = Effect.gen(function*() {
  const names = yield* Effect.filter(
    yield* environment.known,
    (name) => Effect.map(environment.text(name), (value) => value !== undefined && /^(["']).*\1$/s.test(value))
  )
  const sorted = Arr.sort(names, Order.string)
  return sorted.map((name): Finding => ({
    check: "variable",
    level: "warning",
    subject: name,
    message: messages.quoted,
    fix: messages.removeQuotes(sorted)
  }))
})

/** Variables that other tools read, and the default chain does not. */
export const ofOtherTools: Effect.Effect<ReadonlyArray<Finding>> = Effect.map(
  Effect.filter(environment.ofOtherTools, ([name]) => environment.isSet(name)),
  Arr.map(([name, ours]): Finding => ({
    check: "variable",
    level: "info",
    subject: name,
    message: messages.ofOtherTool(ours),
    renames: ours
  }))
)

const prefix = /^(?:ALIBABA|ALIBABACLOUD|ALICLOUD|ALIYUN)_/

/** The names that begin like ours. Names may come in parts: the environment's provider splits them at each `_`. */
const ours: Effect.Effect<ReadonlyArray<string>> = Effect.configProviderWith((provider) => {
  const children = (path: ReadonlyArray<string>) =>
    Effect.orElseSucceed(provider.flattened.enumerateChildren(path), () => HashSet.empty<string>())
  const beneath = (path: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
    Effect.flatMap(children(path), (parts) =>
      Effect.map(
        Effect.forEach(parts, (part) => {
          const name = [...path, part].join("_")
          return prefix.test(`${name}_`)
            ? Effect.map(beneath([...path, part]), (names) => [name, ...names])
            : Effect.succeed([])
        }),
        (names) => names.flat()
      ))
  return beneath([])
})

/** Variables without effect whose names resemble those of the sources. Their values are not examined. */
export const misspelt: Effect.Effect<ReadonlyArray<Finding>> = Effect.gen(function*() {
  const known = yield* environment.known
  const names = yield* Effect.filter(yield* ours, environment.isSet)
  const unknown = names.filter((name) => !known.has(name) && !environment.ofOtherTools.has(name))
  return Arr.sort(unknown, Order.string).flatMap((name): ReadonlyArray<Finding> => {
    const right = Nearest.meant([...known], name)
    return right === undefined ? [] : [{
      check: "variable",
      level: "warning",
      subject: Text.label(name),
      message: messages.misspelt(right),
      fix: messages.spellRight(Text.label(name), right)
    }]
  })
})
