/** The relations between the declarations of a world, for its schema and the services. */
import * as Arr from "effect/Array"
import type { Fault } from "../Fault.ts"
import type { World } from "../World.ts"
import type { CloudSsoSite, Instance, OAuthLogin, OAuthUser, PublicKey, Role, User } from "./worldSchema.ts"

export const defaultAccountId = "1234567890123456"

export const roleArnPattern = /^acs:ram::([^:]+):role\/(.+)$/

/** Account and name of a role, `undefined` when the text is not the ARN of one. */
export const parseRoleArn = (arn: string): { readonly accountId: string; readonly name: string } | undefined => {
  const match = roleArnPattern.exec(arn)
  return match === null ? undefined : { accountId: match[1]!, name: match[2]! }
}

/** Every host that a world declares, with or without port. */
export const declaredHosts = (world: World): ReadonlyArray<string> => [
  ...world.stsHosts,
  ...world.cloudSsoSites.map(({ host }) => host),
  ...world.credentialsUris.flatMap(({ host }) => host ?? [])
]

const duplicates = (kind: string, keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  Arr.dedupe(keys.filter((key, index) => keys.indexOf(key) !== index)).map((key) => `${kind} ${key} is declared twice`)

const actionPattern = /^[A-Z][\w-]*\.[A-Z]\w*$/

/** Whether an endpoint is an action of the world's own, or its product, that is not there. */
const isForgotten = (actions: Readonly<Record<string, unknown>>, endpoint: string): boolean =>
  /^[A-Z]/.test(endpoint) && !Object.keys(actions).some((name) => `${name}.`.startsWith(`${endpoint}.`))

/** How declarations contradict each other, one sentence each. */
export const contradictions = (world: {
  readonly users: ReadonlyArray<User>
  readonly publicKeys: ReadonlyArray<PublicKey>
  readonly roles: ReadonlyArray<Role>
  readonly oauthLogins: ReadonlyArray<OAuthLogin>
  readonly oauthUsers: ReadonlyArray<OAuthUser>
  readonly cloudSsoSites: ReadonlyArray<CloudSsoSite>
  readonly instance?: Instance | undefined
  readonly actions: Readonly<Record<string, unknown>>
  readonly faults: ReadonlyArray<Fault>
}): ReadonlyArray<string> => [
  ...duplicates("AccessKey ID", [
    ...world.users.map(({ accessKeyId }) => accessKeyId),
    ...world.publicKeys.map(({ publicKeyId }) => publicKeyId)
  ]),
  ...duplicates("user", world.users.map(({ accountId, name }) => `${accountId}/${name}`)),
  ...duplicates("role", world.roles.map(({ arn }) => arn)),
  ...duplicates("OAuth refresh token", world.oauthLogins.map(({ refreshToken }) => refreshToken)),
  ...duplicates(
    "OAuth access token",
    world.oauthLogins.flatMap(({ accessToken }) => accessToken === undefined ? [] : [accessToken])
  ),
  ...duplicates("OAuth user of site", world.oauthUsers.map(({ site }) => site)),
  ...duplicates("CloudSSO site", world.cloudSsoSites.map(({ host }) => host)),
  ...world.cloudSsoSites.flatMap(({ logins }) =>
    duplicates("CloudSSO access token", logins.map(({ accessToken }) => accessToken))
  ),
  ...world.roles.flatMap(({ arn, trustedUsers }) =>
    trustedUsers === undefined || trustedUsers === "*" ? [] : trustedUsers
      .filter((trusted) =>
        !world.users.some(({ accessKeyId, name }) => trusted === name || trusted === accessKeyId) &&
        !world.publicKeys.some(({ publicKeyId }) => trusted === publicKeyId) &&
        !world.oauthLogins.some(({ userName }) => trusted === userName)
      )
      .map((trusted) => `role ${arn} trusts the user ${trusted}, who is not declared`)
  ),
  ...world.roles
    .filter(({ arn, ecs }) => parseRoleArn(arn)?.name === world.instance?.roleName && !ecs)
    .map(({ arn }) => `the instance has the role ${arn}, which does not say \`ecs\``),
  ...Object.keys(world.actions).filter((name) => !actionPattern.test(name))
    .map((name) => `the action ${name} is not named like Vpc.DescribeVpcs`),
  ...world.faults.filter(({ endpoint }) => isForgotten(world.actions, endpoint))
    .map(({ endpoint }) => `a fault is at ${endpoint}, which is not among \`actions\``)
]
