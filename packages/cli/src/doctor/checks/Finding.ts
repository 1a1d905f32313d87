import type { Check } from "../Report.ts"

/** A check's result. One that is told by a source says what the source's own error says, if there is one. */
export interface Finding extends Check {
  readonly toldBy?: string | undefined
}
