/**
 * Finds the known name that a misspelt one is nearly that of, for the errors of options and for `doctor`.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */

/** How many letters have to be put in, left out or changed. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (a[i] === b[j] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}

const letters = (name: string): string => name.replace(/[_-]/g, "").toUpperCase()

/**
 * The known name that differs only in case and in separators, else one with at most two letters put in, left out or
 * changed.
 *
 * @since 0.1.0
 * @category unstable
 */
export const meant = (known: ReadonlyArray<string>, name: string): string | undefined =>
  known.find((known) => letters(known) === letters(name)) ??
    (name.length > 64 ? undefined : known.find((known) => distance(letters(known), letters(name)) <= 2))
