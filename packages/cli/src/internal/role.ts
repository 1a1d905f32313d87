/** The values of `--role-arn` and its companions: one more AssumeRole on top of the selected source. For `selectionOptions.ts`. */

/** The role, and the options of its session. What is `undefined` is left to the service. */
export interface Role {
  readonly arn: string
  readonly sessionName: string | undefined
  readonly externalId: string | undefined
  readonly sourceIdentity: string | undefined
  /** JSON, or `file://` and the path of a file with JSON. */
  readonly policy: string | undefined
  readonly seconds: number | undefined
}

export const readArn = (text: string): string | undefined =>
  /^acs:ram::\d+:role\/[\w.@/-]+$/.test(text) ? text : undefined

/** `3600`, `3600s`, `60m` or `1h`, as seconds: what the service accepts for a role that allows 12 hours. */
export const readDuration = (text: string): number | undefined => {
  const [, number, unit = "s"] = /^(\d{1,6})([smh]?)$/.exec(text.trim()) ?? []
  const seconds = Number(number) * ({ m: 60, h: 3600 }[unit] ?? 1)
  return seconds >= 900 && seconds <= 43_200 ? seconds : undefined
}

/** Whether it is a JSON object. */
export const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** Before the path of a policy. */
export const file = "file://"

/** A policy, or where it is. */
export const readPolicy = (text: string): string | undefined =>
  (text.startsWith(file) && text.length > file.length) || isObject(text) ? text : undefined
