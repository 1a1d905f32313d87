/** For tests of what Windows does not have: there they are skipped, and their title says why. */
export const isWindows = process.platform === "win32"

/** The end of such a title; names what is missing. */
export const lacking = (what: string): string => isWindows ? `, skipped because Windows has no ${what}` : ""
