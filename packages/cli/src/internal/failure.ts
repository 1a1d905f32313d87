import * as Data from "effect/Data"

/** What was asked for cannot be done with these credentials, or here: exit code 1. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

/** The command line itself is wrong: exit code 2. */
export class BadUsage extends Data.TaggedError("BadUsage")<{ readonly message: string }> {}

/** The command that `exec` ran has ended; its exit code is ours. */
export class ChildEnded extends Data.TaggedError("ChildEnded")<{ readonly code: number }> {}
