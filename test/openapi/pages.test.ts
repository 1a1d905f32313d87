import { OpenApi, Pages } from "@effect-alicloud/openapi"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Layer, Schema, Stream } from "effect"
import { json, network } from "../kit/world.ts"
import { parametersOf } from "./utils/recorder.ts"

const List = Schema.Struct({
  TotalCount: Schema.optional(Schema.Number),
  NextToken: Schema.optional(Schema.NullOr(Schema.String)),
  Items: Schema.Array(Schema.Number)
})

/** A service that returns these pages, one after the other, and writes down what it was called with. */
const service = (...pages: ReadonlyArray<typeof List.Encoded>) => {
  const seen: Array<Record<string, string>> = []
  const { layer } = network((request, url) => {
    const { body } = request
    const bytes = body._tag === "Uint8Array" ? body.body : new Uint8Array()
    seen.push(parametersOf({ method: request.method, url, headers: request.headers, body: bytes }))
    return json(pages[seen.length - 1] ?? { TotalCount: 0, Items: [] })
  })
  const client = OpenApi.layer({ product: "ecs", version: "2014-05-26" })
  return { seen, layer: Layer.provide(client, Layer.merge(layer, TestCredentials.layer())) }
}

const call = (params: OpenApi.Params) => OpenApi.call("ListItems", { params, schema: List })

const numbered = (pageSize?: number) =>
  Pages.byNumber((page) => call({ ...page }), {
    items: ({ Items }) => Items,
    totalCount: ({ TotalCount }) => TotalCount ?? 0,
    pageSize
  })

const byToken = Pages.byToken((page) => call(page), {
  items: ({ Items }) => Items,
  nextToken: ({ NextToken }) => NextToken
})

const itemsOf = <E, R>(stream: Stream.Stream<number, E, R>) =>
  Effect.map(Stream.runCollect(stream), Chunk.toReadonlyArray)

describe("pages by number", () => {
  it.effect("are read until all items have come, also when the service makes smaller pages than it was asked for", () => {
    const { layer, seen } = service({ TotalCount: 5, Items: [1, 2] }, { TotalCount: 5, Items: [3, 4] }, {
      TotalCount: 5,
      Items: [5]
    })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(numbered(100)), [1, 2, 3, 4, 5])
      assert.deepStrictEqual(seen.map(({ PageNumber, PageSize }) => [PageNumber, PageSize]), [
        ["1", "100"],
        ["2", "100"],
        ["3", "100"]
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("end at an empty page, whatever the total says", () => {
    const { layer, seen } = service({ TotalCount: 9, Items: [1] }, { TotalCount: 9, Items: [] })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(numbered()), [1])
      assert.deepStrictEqual(seen.map(({ PageSize }) => PageSize), ["50", "50"])
    }).pipe(Effect.provide(layer))
  })
})

describe("pages by token", () => {
  it.effect.each([undefined, null, ""])("are read until there is no token: %j", (none) => {
    const { layer, seen } = service({ NextToken: "a", Items: [1] }, { NextToken: "b", Items: [] }, {
      NextToken: none,
      Items: [2]
    })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(byToken), [1, 2])
      assert.deepStrictEqual(seen.map(({ NextToken }) => NextToken), [undefined, "a", "b"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("end when the token stays the same", () => {
    const { layer, seen } = service({ NextToken: "a", Items: [1] }, { NextToken: "a", Items: [2] })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(byToken), [1, 2])
      assert.lengthOf(seen, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("that nobody needs are not requested", () => {
    const { layer, seen } = service({ NextToken: "a", Items: [1, 2] })
    return Effect.gen(function*() {
      assert.deepStrictEqual(yield* itemsOf(Stream.take(byToken, 2)), [1, 2])
      assert.lengthOf(seen, 1)
    }).pipe(Effect.provide(layer))
  })
})
