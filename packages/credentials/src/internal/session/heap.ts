/** What a heap holds: it knows its own place, so that it can be taken out again. Only heaps write `slot`. */
export interface Slotted {
  slot: number
}

/** A binary heap. An element is in one heap at a time, and its rank does not change while it is. */
export class Heap<A extends Slotted> {
  private readonly elements: Array<A> = []
  private readonly rank: (element: A) => number

  constructor(rank: (element: A) => number) {
    this.rank = rank
  }

  /** The element of the lowest rank. */
  first(): A | undefined {
    return this.elements[0]
  }

  size(): number {
    return this.elements.length
  }

  has(element: A): boolean {
    return this.elements[element.slot] === element
  }

  /** Changes elements in a way that keeps their order. */
  forEach(change: (element: A) => void): void {
    this.elements.forEach(change)
  }

  add(element: A): void {
    this.settle(element, this.elements.length)
  }

  /** Takes an element out; one that is not in does not matter. */
  remove(element: A): void {
    if (this.has(element)) {
      const last = this.elements.pop()
      if (last !== undefined && last !== element) {
        this.settle(last, element.slot)
      }
    }
  }

  /** Puts an element into the place that is free, or where it belongs above or below it. */
  private settle(element: A, free: number): void {
    const rank = this.rank(element)
    let slot = free
    for (let above = this.above(slot); above !== undefined && this.rank(above) > rank; above = this.above(slot)) {
      slot = this.move(above, slot)
    }
    for (let below = this.below(slot); below !== undefined && this.rank(below) < rank; below = this.below(slot)) {
      slot = this.move(below, slot)
    }
    this.move(element, slot)
  }

  private above(slot: number): A | undefined {
    return slot === 0 ? undefined : this.elements[(slot - 1) >> 1]
  }

  private below(slot: number): A | undefined {
    const left = this.elements[2 * slot + 1]
    const right = this.elements[2 * slot + 2]
    return left !== undefined && right !== undefined && this.rank(right) < this.rank(left) ? right : left
  }

  /** Answers the place that the element leaves. */
  private move(element: A, slot: number): number {
    const left = element.slot
    this.elements[slot] = element
    element.slot = slot
    return left
  }
}
