/** Prints what applications weigh. With `--update` their sizes become the budgets; else a size over its budget is an error. */
import { compare, measure, readBudgets, table, writeBudgets } from "./sizes.ts"

const sizes = await measure()
if (process.argv.includes("--update")) writeBudgets(sizes)
const rows = compare(sizes, readBudgets())
process.stdout.write(`${table(rows)}\n`)
if (rows.some(({ verdict }) => verdict === "over")) process.exitCode = 1
