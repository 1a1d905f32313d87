import { assert, describe, it } from "@effect/vitest"
import { Effect, Equal, FastCheck as fc, Layer } from "effect"
import { absent, idOf, undated } from "../../../test/kit/upstream.ts"
import type { Credentials } from "../src/Credentials.ts"
import { atVariables, invalidConfig } from "../src/CredentialsError.ts"
import * as CredentialsProvider from "../src/CredentialsProvider.ts"
import * as Source from "../src/Source.ts"
import type { Scripted } from "./utils/sources.ts"
import { broken, brokenError, missing, working } from "./utils/sources.ts"

const { layerOrElse, make } = CredentialsProvider
const { fromEffect, orElse, withProviderPrefix } = Source

const calls = (...sources: ReadonlyArray<Scripted>): ReadonlyArray<number> => sources.map((source) => source.calls)

describe("orElse", () => {
  it.effect("tries the sources in order and stops at the first with credentials", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), working("B"), working("C")]
      assert.strictEqual(idOf(yield* orElse(orElse(a, b), c).get), "B-1")
      assert.deepStrictEqual(calls(a, b, c), [1, 1, 0])
    }))

  it.effect("unavailable, the default: a broken source ends the chain", () =>
    Effect.gen(function*() {
      for (const fallThrough of [undefined, "unavailable"] as const) {
        const [a, b, c] = [missing("A"), broken("B"), working("C")]
        const error = yield* Effect.flip(orElse(orElse(a, b, { fallThrough }), c, { fallThrough }).get)
        assert.strictEqual(error._tag, "NoCredentials")
        assert.deepStrictEqual(error._tag === "NoCredentials" && error.attempts.map((attempt) => attempt.source), [
          "A",
          "B"
        ])
        assert.strictEqual(c.calls, 0)
      }
    }))

  it.effect("unavailable: a misconfigured source is a broken one", () =>
    Effect.gen(function*() {
      const a = broken("A")
      a.answer = invalidConfig("A", atVariables("A_SECRET"), "A_ID is set, A_SECRET is missing")
      const b = working("B")
      assert.isTrue((yield* Effect.exit(orElse(a, b).get))._tag === "Failure")
      assert.strictEqual(b.calls, 0)
    }))

  it.effect("anyFailure: a broken source is passed over", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), broken("B"), working("C")]
      assert.strictEqual(
        idOf(yield* orElse(orElse(a, b, { fallThrough: "anyFailure" }), c, { fallThrough: "anyFailure" }).get),
        "C-1"
      )
    }))

  it.effect("is one call for data first and data last", () =>
    Effect.gen(function*() {
      const chains = [
        orElse(broken("A"), working("B"), { fallThrough: "anyFailure" }),
        orElse(working("B"), { fallThrough: "anyFailure" })(broken("A"))
      ]
      for (const chain of chains) {
        assert.strictEqual(idOf(yield* chain.get), "B-1")
        assert.strictEqual(chain.name, "A | B")
      }
      assert.isTrue((yield* Effect.exit(orElse(working("B"))(broken("A")).get))._tag === "Failure")
    }))

  it.effect("a defect is no reason to go on", () =>
    Effect.gen(function*() {
      const [a, b] = [missing("A"), working("B")]
      a.answer = Effect.die("bug")
      assert.isTrue((yield* Effect.exit(orElse(a, b, { fallThrough: "anyFailure" }).get))._tag === "Failure")
      assert.strictEqual(b.calls, 0)
    }))

  it.effect("NoCredentials has the error of every source in order, one line each", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        orElse(orElse(missing("A"), broken("B"), { fallThrough: "anyFailure" }), missing("C"), {
          fallThrough: "anyFailure"
        }).get
      )
      assert.isTrue(Equal.equals(error._tag === "NoCredentials" && Array.from(error.attempts)[1], brokenError("B")))
      assert.deepStrictEqual(error.message.split("\n"), [
        "No credentials. Asked, in this order:",
        `  - ${absent("A").message}`,
        `  - ${brokenError("B").message}`,
        `  - ${absent("C").message}`
      ])
    }))

  const kinds = fc.array(fc.constantFrom(missing, broken, working), { minLength: 2, maxLength: 6 })

  it.effect.prop(
    "chains nested to the left and to the right agree: winner, error, report and who is asked",
    [kinds, fc.constantFrom<Array<Source.FallThrough>>("unavailable", "anyFailure")],
    ([kinds, fallThrough]) =>
      Effect.scoped(Effect.gen(function*() {
        const observe = (join: (sources: ReadonlyArray<Scripted>) => Source.Source) =>
          Effect.gen(function*() {
            const sources = kinds.map((make, i) => make(`S${i}`))
            const provider = yield* make(join(sources))
            const result = yield* Effect.match(provider.get, {
              onFailure: (error) => error.message,
              onSuccess: (credentials: Credentials) => String(idOf(credentials))
            })
            const report = yield* provider.report
            return {
              result,
              calls: calls(...sources),
              report: report.outcomes.map(({ _tag, source }) => [_tag, source])
            }
          })
        const left = yield* observe((sources) =>
          sources.slice(1).reduce(
            (self: Source.Source, that) => orElse(self, that, { fallThrough }),
            sources[0]!
          )
        )
        const right = yield* observe((sources) =>
          sources.slice(0, -1).reduceRight(
            (that: Source.Source, self) => orElse(self, that, { fallThrough }),
            sources.at(-1)!
          )
        )
        assert.deepStrictEqual(left, right)
      }))
  )
})

describe("within", () => {
  it.effect("puts its prefix before the provider name of every source of a chain", () =>
    Effect.gen(function*() {
      const named = (name: string) => fromEffect(name, Effect.succeed(undated("key", name)))
      assert.strictEqual((yield* withProviderPrefix(named("env"), "default").get).providerName, "default/env")
      const profile = withProviderPrefix(orElse(missing("B"), named("env")), "cli_profile")
      const chain = withProviderPrefix("default")(orElse(missing("A"), profile))
      assert.strictEqual((yield* chain.get).providerName, "default/cli_profile/env")
    }))

  it.effect("keeps the fallThrough and the treatment of credentials without an expiration", () =>
    Effect.gen(function*() {
      const chain = withProviderPrefix(orElse(broken("A"), working("B"), { fallThrough: "anyFailure" }), "default")
      assert.strictEqual((yield* chain.get).providerName, "default/upstream")
      const source = fromEffect("A", Effect.succeed(undated("key")), { undated: "reread" })
      assert.strictEqual(withProviderPrefix(source, "default").undated, "reread")
      assert.strictEqual(withProviderPrefix(source, "default").name, "A")
    }))
})

describe("fromEffect", () => {
  it.effect("runs the source for each read", () =>
    Effect.gen(function*() {
      const source = working("A")
      yield* source.get
      yield* source.get
      assert.strictEqual(source.calls, 2)
    }))
})

describe("layers", () => {
  const service = CredentialsProvider.CredentialsProvider

  it.effect("building one makes no request", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), working("B"), working("C")]
      yield* Effect.scoped(Layer.build(CredentialsProvider.layer(orElse(a, b))))
      yield* Effect.scoped(Layer.build(layerOrElse(CredentialsProvider.layer(a), CredentialsProvider.layer(c))))
      assert.deepStrictEqual(calls(a, b, c), [0, 0, 0])
    }))

  it.effect("one is made of a source, or of an effect that makes a source", () =>
    Effect.gen(function*() {
      for (
        const layer of [
          CredentialsProvider.layer(working("A")),
          CredentialsProvider.layer(Effect.sync(() => working("A")))
        ]
      ) {
        assert.strictEqual(idOf(yield* Effect.provide(Effect.flatMap(service, (_) => _.get), layer)), "A-1")
      }
      const config = invalidConfig("A", atVariables("A_ID"), "missing")
      const error = yield* Effect.flip(Effect.provide(service, CredentialsProvider.layer(Effect.fail(config))))
      assert.isTrue(Equal.equals(error, config))
    }))

  it.effect("layerOrElse joins what two layers build under one cache", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), missing("B"), working("C")]
      const chain = CredentialsProvider.layer(a).pipe(
        layerOrElse(CredentialsProvider.layer(b)),
        layerOrElse(CredentialsProvider.layer(c))
      )
      yield* Effect.gen(function*() {
        const provider = yield* service
        for (let i = 0; i < 10; i++) {
          assert.strictEqual(idOf(yield* provider.get), "C-1")
        }
        yield* provider.invalidate(yield* provider.get)
        assert.strictEqual(idOf(yield* provider.get), "C-2")
        const report = yield* provider.report
        assert.deepStrictEqual(report.outcomes.map(({ source }) => source), ["A", "B", "C"])
      }).pipe(Effect.provide(chain))
      assert.deepStrictEqual(calls(a, b, c), [1, 1, 2])
    }))

  it.effect("layerOrElse takes the fallThrough, data first and data last", () =>
    Effect.gen(function*() {
      const [a, b] = [CredentialsProvider.layer(broken("A")), CredentialsProvider.layer(working("B"))]
      const get = Effect.flatMap(service, (provider) => provider.get)
      for (
        const chain of [
          layerOrElse(a, b, { fallThrough: "anyFailure" }),
          layerOrElse(b, { fallThrough: "anyFailure" })(a)
        ]
      ) {
        assert.strictEqual((yield* Effect.provide(get, chain)).providerName, "upstream")
      }
      assert.strictEqual((yield* Effect.flip(Effect.provide(get, layerOrElse(a, b))))._tag, "NoCredentials")
    }))

  it.scoped("sourceOf is the uncached source of a provider that make made, without its session", () =>
    Effect.gen(function*() {
      const a = working("A")
      const provider = yield* make(a)
      yield* provider.get
      assert.strictEqual(CredentialsProvider.sourceOf(provider), a)
      assert.strictEqual(idOf(yield* CredentialsProvider.sourceOf(provider).get), "A-2")
      assert.strictEqual(idOf(yield* provider.get), "A-1")
    }))

  it.scoped("sourceOf a copy of a provider is the same source, so that a chain of copies has one cache", () =>
    Effect.gen(function*() {
      const a = working("A")
      const copy = { ...(yield* make(a)) }
      yield* copy.get
      const joined = layerOrElse(CredentialsProvider.layer(missing("B")), Layer.succeed(service, copy))
      yield* Effect.gen(function*() {
        yield* CredentialsProvider.invalidate(yield* CredentialsProvider.get)
        assert.strictEqual(idOf(yield* CredentialsProvider.get), "A-3")
        assert.deepStrictEqual((yield* CredentialsProvider.report).outcomes.map(({ source }) => source), ["B", "A"])
      }).pipe(Effect.provide(joined))
      const changed = { ...copy, get: Effect.succeed(undated("changed")) }
      assert.strictEqual(idOf(yield* CredentialsProvider.sourceOf(changed).get), "changed")
    }))

  it.effect("sourceOf a provider of another make reads that provider", () =>
    Effect.gen(function*() {
      const foreign = service.of({
        get: Effect.succeed(undated("foreign")),
        invalidate: () => Effect.void,
        report: Effect.die("not used"),
        unsafeCurrent: () => undefined
      })
      const chain = layerOrElse(CredentialsProvider.layer(missing("A")), Layer.succeed(service, foreign))
      const credentials = yield* Effect.provide(Effect.flatMap(service, (provider) => provider.get), chain)
      assert.strictEqual(idOf(credentials), "foreign")
    }))
})
