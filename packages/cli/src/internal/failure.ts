/** How a command ends: the exit code it returns, and the failures that the command line reports. */
import * as Data from "effect/Data"

/** 0 for success, 1 for a failure, 2 for a wrong command line; for `exec` that of its child. */
export type ExitCode = number

/** The command cannot be carried out with these credentials, or on this machine: exit code 1. */
export class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

/** The command line itself is wrong: exit code 2. */
export class BadUsage extends Data.TaggedError("BadUsage")<{ readonly message: string }> {}

/** A signal ended the command before it was done: exit code 128 and the signal's number, as in shells. */
export class Stopped extends Data.TaggedError("Stopped")<{ readonly code: ExitCode }> {}
