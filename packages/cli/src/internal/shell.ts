/** Words of a POSIX shell, for commands and assignments that people run, and the shell itself, for `exec`. */

/** The program that the user's terminal runs. */
export const userShell = ({ ComSpec, SHELL }: NodeJS.ProcessEnv, platform: NodeJS.Platform): string =>
  platform === "win32" ? ComSpec || "cmd.exe" : SHELL || "/bin/sh"

/** Text in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A word of a command, in quotes where it needs them. */
export const shellWord = (text: string): string => /^[\w./:@%+=,~-]+$/.test(text) ? text : quoted(text)
