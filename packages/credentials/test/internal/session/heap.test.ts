import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, FastCheck as fc, Order } from "effect"
import { Heap } from "../../../src/internal/session/heap.ts"

const command = fc.record({ remove: fc.boolean(), element: fc.nat({ max: 20 }), rank: fc.nat({ max: 9 }) })

/** Takes everything out, the first one first. */
const drain = <A extends { slot: number }>(heap: Heap<A>): ReadonlyArray<A> => {
  const drained: Array<A> = []
  for (let first = heap.first(); first !== undefined; first = heap.first()) {
    heap.remove(first)
    drained.push(first)
  }
  return drained
}

const ranksOf = (elements: Iterable<{ readonly rank: number }>): ReadonlyArray<number> =>
  Arr.sort(Arr.map(Arr.fromIterable(elements), ({ rank }) => rank), Order.number)

describe("Heap", () => {
  it.prop(
    "gives what was added and not removed, by rank, whatever the order of the two",
    [fc.array(command)],
    ([commands]) => {
      const elements = Array.from({ length: 21 }, (_, id) => ({ id, slot: -1, rank: 0 }))
      const heap = new Heap<(typeof elements)[number]>((element) => element.rank)
      const expected = new Set<(typeof elements)[number]>()
      for (const { element: id, rank, remove } of commands) {
        const element = elements[id]!
        heap.remove(element)
        expected.delete(element)
        if (!remove) {
          element.rank = rank
          heap.add(element)
          expected.add(element)
        }
        assert.strictEqual(heap.has(element), !remove)
        assert.deepStrictEqual(heap.first()?.rank, ranksOf(expected)[0])
      }
      const drained = drain(heap)
      assert.strictEqual(new Set(drained).size, drained.length)
      assert.isTrue(drained.every((element) => expected.has(element)))
      assert.deepStrictEqual(
        drained.map((element) => element.rank),
        ranksOf(expected)
      )
    }
  )

  it("does not take an element for another one that is in the same place of another heap", () => {
    const [one, two] = [{ slot: -1 }, { slot: -1 }]
    const [first, second] = [new Heap(() => 0), new Heap(() => 0)]
    first.add(one)
    second.add(two)
    first.remove(two)
    assert.strictEqual(first.first(), one)
    assert.isFalse(first.has(two))
    assert.deepStrictEqual(drain(second), [two])
  })
})
