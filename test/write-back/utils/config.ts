import { assert } from "@effect/vitest"

/** A file as the aliyun CLI writes it, with members nobody here knows, and not small. */
export const initial = [
  "\uFEFF{",
  "\t\"current\": \"default\",",
  "\t\"profiles\": [",
  "\t\t{",
  "\t\t\t\"name\": \"default\",",
  `\t\t\t"unknown": [1e3, 12345678901234567890, "${"x".repeat(60_000)}"]`,
  "\t\t},",
  "\t\t{",
  "\t\t\t\"name\": \"login\",",
  "\t\t\t\"counter\": 0,",
  "\t\t\t\"check\": \"0\"",
  "\t\t}",
  "\t],",
  "\t\"meta_path\": \"\"",
  "}",
  ""
].join("\n")

interface Login {
  readonly counter: number
  readonly check: string
}

const loginOf = (text: string): Login => {
  const parsed = JSON.parse(text.replace(/^\uFEFF/, "")) as { readonly profiles: ReadonlyArray<Login> }
  return parsed.profiles[1] ?? assert.fail("the profile is gone")
}

/** Asserts that a text is what `counter` updates in a row make of the file, and gives their number. */
export const counterOf = (text: string): number => {
  const { check, counter } = loginOf(text)
  const expected = initial.replace("\"counter\": 0", `"counter": ${counter}`).replace(
    "\"check\": \"0\"",
    `"check": "${check}"`
  )
  assert.isTrue(text === expected && check === `${counter}`, "the file is neither complete nor as it was otherwise")
  return counter
}
