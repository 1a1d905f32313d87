import type { Effect, Scope } from "effect"
import type { Lab } from "../lab.ts"
import type { Row } from "../report.ts"

/** How much is done. */
export interface Plan {
  readonly readers: number
  readonly readRounds: number
  readonly readsPerRound: number
  readonly refreshRounds: number
  readonly roles: number
  readonly coldRoles: number
  readonly openingRounds: number
  readonly processRuns: number
  readonly programsInARow: number
  readonly programsAtOnce: number
  /** Versions of Node.js to start programs with, instead of the one that runs. */
  readonly nodes?: ReadonlyArray<string>
  readonly nothingRounds: number
  readonly outageSeeds: number
}

export const full: Plan = {
  readers: 1000,
  readRounds: 9,
  readsPerRound: 200_000,
  refreshRounds: 5,
  roles: 10_000,
  coldRoles: 16_000,
  openingRounds: 7,
  processRuns: 21,
  programsInARow: 100,
  programsAtOnce: 50,
  nothingRounds: 5,
  outageSeeds: 5
}

/** Enough to see that everything works. */
export const quick: Plan = {
  readers: 1000,
  readRounds: 3,
  readsPerRound: 50_000,
  refreshRounds: 1,
  roles: 1000,
  coldRoles: 16_000,
  openingRounds: 3,
  processRuns: 5,
  programsInARow: 10,
  programsAtOnce: 10,
  nothingRounds: 1,
  outageSeeds: 1
}

/** Makes some rows of the report. */
export type Section = (plan: Plan) => Effect.Effect<ReadonlyArray<Row>, never, Lab | Scope.Scope>
