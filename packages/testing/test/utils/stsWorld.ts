import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import type { Call } from "../../../../test/kit/sign.ts"
import { accountId, alice, bob, keyPair, providerArn, roleArn } from "./cloud.ts"

export const otherProviderArn = `acs:ram::${accountId}:oidc-provider/other`

export const world: WorldInput = {
  users: [
    alice,
    bob,
    { ...alice, name: "owner", root: true, accessKeyId: "LTAI5tRoot" },
    { ...alice, name: "former", active: false, accessKeyId: "LTAI5tFormer" },
    { ...alice, name: "clerk", canAssumeRole: false, accessKeyId: "LTAI5tClerk" },
    { ...alice, name: "stranger", accountId: "9999999999999999", accessKeyId: "LTAI5tStranger" }
  ],
  publicKeys: [{ publicKeyId: "LTPubKey", publicKey: keyPair.publicKey }],
  roles: [
    { arn: roleArn("open") },
    { arn: roleArn("world"), trustedUsers: "*" },
    { arn: roleArn("bobs"), trustedUsers: ["bob"] },
    { arn: roleArn("bobs-key"), trustedUsers: [bob.accessKeyId] },
    { arn: roleArn("partner"), trustedUsers: ["alice"], externalId: "ticket-1" },
    { arn: roleArn("long"), maxSessionDuration: 7200 },
    { arn: roleArn("next"), trustedRoles: [roleArn("open")] },
    { arn: roleArn("pod"), trustedOidcProviders: [providerArn, otherProviderArn] }
  ],
  oidcTokens: [
    { token: "oidc-token", providerArn, subject: "system:serviceaccount:default:app" },
    { token: "oidc-old", providerArn, subject: "s", expiresAt: "1970-01-01T00:10:00Z" },
    { token: "oidc-other-audience", providerArn, subject: "s", audience: "kubernetes" }
  ]
}

export const assume = (role: string, more: Readonly<Record<string, string>> = {}, call: Partial<Call> = {}): Call => ({
  action: "AssumeRole",
  parameters: { RoleArn: roleArn(role), RoleSessionName: "test@session", DurationSeconds: "900", ...more },
  ...call
})

export const whoami: Call = { action: "GetCallerIdentity" }
