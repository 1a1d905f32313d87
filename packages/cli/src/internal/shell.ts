/** Words of a POSIX shell, for commands and assignments that people run. */

/** Text in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** A word of a command, in quotes where it needs them. */
export const shellWord = (text: string): string => /^[\w./:@%+=,~-]+$/.test(text) ? text : quoted(text)
