import { build } from "esbuild"
import * as Fs from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { brotliCompress, constants } from "node:zlib"

const compress = promisify(brotliCompress)

/** Bytes, minified and compressed with Brotli. */
export interface Size {
  /** Of this project's modules only. */
  readonly own: number
  /** With all they use of `effect` and `@effect/platform`. */
  readonly withEffect: number
}

/** What an application imports, from the barrel: what it does not import must not be in its bundle. */
const applications: Readonly<Record<string, string>> = {
  CredentialsProvider: `export { CredentialsProvider } from "@effect-alicloud/credentials"`,
  "static, environment, RamRoleArn": `
    import { AccessKey, Environment, RamRoleArn, StsToken } from "@effect-alicloud/credentials"
    export const layers = [AccessKey.layer, StsToken.layer, Environment.layer, RamRoleArn.layer]`,
  DefaultChain: `
    import { DefaultChain } from "@effect-alicloud/credentials"
    export const layer = DefaultChain.layer`
}

const sizeOf = async (contents: string, external: ReadonlyArray<string>): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    write: false,
    minify: true,
    treeShaking: true,
    platform: "neutral",
    format: "esm",
    target: "es2022",
    external: [...external]
  })
  const { contents: bytes } = outputFiles[0]!
  const params = { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT }
  return (await compress(bytes, { params })).length
}

export const measure = async (): Promise<Readonly<Record<string, Size>>> =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(applications).map(async ([name, code]) => {
        const [own, withEffect] = await Promise.all([
          sizeOf(code, ["effect", "effect/*", "@effect/platform", "@effect/platform/*"]),
          sizeOf(code, [])
        ])
        return [name, { own, withEffect }] as const
      })
    )
  )

const file = new URL("budgets.json", import.meta.url)

export const readBudgets = (): Readonly<Record<string, Size>> =>
  JSON.parse(Fs.readFileSync(file, "utf8")) as Readonly<Record<string, Size>>

export const writeBudgets = (sizes: Readonly<Record<string, Size>>): void =>
  Fs.writeFileSync(file, `${JSON.stringify(sizes, null, 2)}\n`)

/** `over`: more than 2 % above the budget; `lower`: more than 5 % below it, so that the budget can follow. */
export type Verdict = "within" | "over" | "lower"

export const judge = (size: number, budget: number | undefined): Verdict =>
  budget === undefined || size > budget * 1.02 ? "over" : size < budget * 0.95 ? "lower" : "within"

export interface Row {
  readonly name: string
  readonly part: keyof Size
  readonly size: number
  readonly budget: number | undefined
  readonly verdict: Verdict
}

export const compare = (
  sizes: Readonly<Record<string, Size>>,
  budgets: Readonly<Record<string, Size>>
): ReadonlyArray<Row> =>
  Object.entries(sizes).flatMap(([name, size]) =>
    (["own", "withEffect"] as const).map((part) => {
      const budget = budgets[name]?.[part]
      return { name, part, size: size[part], budget, verdict: judge(size[part], budget) }
    })
  )

const advice: Readonly<Record<Verdict, string>> = {
  within: "",
  over: "over its budget",
  lower: "far below: lower the budget (pnpm size --update)"
}

const kilobytes = (bytes: number | undefined): string => bytes === undefined ? "none" : (bytes / 1000).toFixed(2)

export const table = (rows: ReadonlyArray<Row>): string => {
  const lines = [
    ["what is imported", "kB, min + brotli", "budget", ""],
    ...rows.map(({ budget, name, part, size, verdict }) => [
      part === "own" ? name : `${name}, with effect`,
      kilobytes(size),
      kilobytes(budget),
      advice[verdict]
    ])
  ]
  const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0))
  return lines
    .map(([name = "", size = "", budget = "", text = ""]) =>
      `${name.padEnd(width(0))}  ${size.padStart(width(1))}  ${budget.padStart(width(2))}  ${text}`.trimEnd()
    )
    .join("\n")
}
