/** The type of results of all checks of `doctor`. */
import type { Check } from "../Report.ts"

/** The result of a check. `toldBy` names a source whose own error says the same, if it has one. */
export interface Finding extends Check {
  readonly toldBy?: string | undefined
}
