import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { generateKeyPairSync } from "node:crypto"
import type { Side } from "./clients.ts"
import { sides } from "./clients.ts"
import { cliText } from "./loginWorld.ts"
import type { Fields } from "./loginWorld.ts"

export const roleArn = (name: string): string => `acs:ram::1234567890123456:role/${name}`

export const providerArn = "acs:ram::1234567890123456:oidc-provider/cluster"

export const keyPair = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" }
})

export const pair = { access_key_id: "LTAI5tCi", access_key_secret: "s3cr3t-ci" }

export const uri = "{cloud}/credentials?token=s3cr3t"

/** Each side has logins of its own: a refresh token works once. */
const loginsOf = (side: Side) => [
  { userName: "alice", refreshToken: `rt-${side}`, accessToken: `at-${side}` },
  { userName: "alice", refreshToken: `rt-old-${side}`, accessTokenSeconds: 7200 },
  { userName: "bob", refreshToken: `rt-lost-${side}` },
  { userName: "carol", refreshToken: `rt-intl-${side}`, site: "INTL" as const }
]

export const world: WorldInput = {
  users: [
    { name: "ci", accessKeyId: pair.access_key_id, accessKeySecret: pair.access_key_secret },
    { name: "other", accessKeyId: "LTAI5tOther", accessKeySecret: "s3cr3t-other" }
  ],
  publicKeys: [{ publicKeyId: "LTPubKey", publicKey: keyPair.publicKey }],
  roles: [
    { arn: roleArn("open"), trustedUsers: "*" },
    { arn: roleArn("partner"), trustedUsers: ["ci"], externalId: "ticket-1" },
    { arn: roleArn("next"), trustedRoles: [roleArn("open")] },
    { arn: roleArn("pod"), trustedOidcProviders: [providerArn] }
  ],
  oidcTokens: [{ token: "s3cr3t-oidc", providerArn, subject: "system:serviceaccount:default:app" }],
  instance: { roleName: "EcsRole" },
  credentialsUris: [{ path: "/credentials?token=s3cr3t" }, { path: "/short", sessionSeconds: 1 }],
  oauthLogins: sides.flatMap(loginsOf),
  cloudSsoSites: [{
    host: "signin-cn-shanghai.alibabacloudsso.com",
    logins: [{ accessToken: "s3cr3t-sso", grants: [{ accessConfigurationId: "ac-1" }] }]
  }]
}

/** The files of a home directory with the given profiles, the first of which is current. */
export const withProfiles = (...profiles: ReadonlyArray<Fields>): Readonly<Record<string, string>> => ({
  ".aliyun/config.json": cliText(profiles, String(profiles[0]?.["name"]))
})

export const oauthProfile = (fields: Fields): Fields => ({ name: "p", mode: "OAuth", oauth_site_type: "CN", ...fields })
