/** One program, many accounts: each role's session is fetched once and kept fresh while it is used. */
import { RamRoleArn } from "@effect-alicloud/credentials"
import { Effect } from "effect"

const accounts = ["1111111111111111", "2222222222222222", "3333333333333333"]

export const program = Effect.gen(function*() {
  const roles = yield* RamRoleArn.RamRoleArns
  return yield* Effect.forEach(accounts, (account) =>
    Effect.map(
      roles.provider({ roleArn: `acs:ram::${account}:role/audit`, roleSessionExpiration: 900 }).get,
      (credentials) => ({ account, type: credentials.type, providerName: credentials.providerName })
    ), { concurrency: "unbounded" })
})

/** Needs the provider whose credentials assume the roles. */
export const layer = RamRoleArn.layerMany({ capacity: 1000 })
