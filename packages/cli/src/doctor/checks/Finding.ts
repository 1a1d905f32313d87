/** The type of results of all checks of `doctor`. */
import type { Check } from "../Report.ts"

export interface Finding extends Check {
  /** A source whose own error says the same, if it has one. */
  readonly toldBy?: string | undefined
  /** The variable of the SDKs with the meaning of the one that this is about. */
  readonly renames?: string | undefined
}
