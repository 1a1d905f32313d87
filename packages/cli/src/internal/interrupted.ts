/**
 * What the process exits with when a signal has interrupted the command. `serve` is ended that way and sets 0, `exec` the
 * code of its child, which has had the signal too.
 */
export const interrupted = { code: 130 }
