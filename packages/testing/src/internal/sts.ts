/** The Security Token Service of the fake cloud. */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import type { Api } from "./authenticate.ts"
import { authenticate, authenticateKeyPair, checkRequest } from "./authenticate.ts"
import { parseRoleArn } from "./declared.ts"
import { parseJson } from "./http.ts"
import * as oidc from "./oidc.ts"
import { actionOf, apiError, invalidParameter, success } from "./rpc.ts"
import type { Caller, Exchange } from "./state.ts"
import { findRole, identityOf, idOf, issue } from "./state.ts"
import type { Role } from "./worldSchema.ts"

const maxPolicyLength = 2048

const checkPolicy = (policy: string | undefined): Effect.Effect<void, ApiError> => {
  if (policy === undefined) return Effect.void
  if (policy.length > maxPolicyLength) {
    return invalidParameter("PolicySize", `The size of Policy must be smaller than ${maxPolicyLength} bytes.`)
  }
  const document = parseJson(policy)
  return Option.isSome(document) && typeof document.value === "object" && document.value !== null
    ? Effect.void
    : invalidParameter("PolicyGrammar", "The parameter Policy has not passed grammar check.")
}

const durationOf = (parameters: Exchange["parameters"], max: number): Effect.Effect<number, ApiError> => {
  const given = parameters["DurationSeconds"] ?? "3600"
  const seconds = /^\d+$/.test(given) ? Number(given) : 0
  return seconds >= 900 && seconds <= max
    ? Effect.succeed(seconds)
    : invalidParameter("DurationSeconds", `DurationSeconds must be an integer from 900 to ${max}.`)
}

/** The checks that all ways of assuming a role share, without the trust policy. */
const roleRequest = (
  { parameters, state }: Exchange,
  named?: string
): Effect.Effect<{ readonly role: Role; readonly seconds: number; readonly sessionName: string }, ApiError> =>
  Effect.gen(function*() {
    const arn = parameters["RoleArn"] ?? ""
    if (parseRoleArn(arn) === undefined) {
      return yield* invalidParameter("RoleArn", "The parameter RoleArn is wrongly formed.")
    }
    const sessionName = named ?? parameters["RoleSessionName"] ?? ""
    if (!/^[A-Za-z0-9.@_-]{2,64}$/.test(sessionName)) {
      return yield* invalidParameter("RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
    }
    yield* checkPolicy(parameters["Policy"])
    const role = findRole(state, arn)
    if (role === undefined) return yield* apiError(404, "EntityNotExist.Role", `The role not exists: ${arn}.`)
    const seconds = yield* durationOf(parameters, role.maxSessionDuration)
    return { role, seconds, sessionName }
  })

const trustsUser = (role: Role, accountId: string, names: ReadonlyArray<string>): boolean => {
  if (role.trustedUsers === "*") return true
  if (role.trustedUsers !== undefined) return names.some((name) => role.trustedUsers?.includes(name))
  const trustsOthers = role.trustedRoles.length > 0 || role.trustedOidcProviders.length > 0 ||
    role.trustedSamlProviders.length > 0 || role.ecs
  return !trustsOthers && parseRoleArn(role.arn)?.accountId === accountId
}

const mayAssume = (caller: Caller, role: Role): boolean => {
  switch (caller._tag) {
    case "User": {
      const { accessKeyId, accountId, canAssumeRole, name, root } = caller.user
      const names = accessKeyId === undefined ? [name] : [name, accessKeyId]
      return !root && canAssumeRole && trustsUser(role, accountId, names)
    }
    case "PublicKey":
      return trustsUser(role, caller.publicKey.accountId, [caller.publicKey.publicKeyId])
    case "Bearer":
      return trustsUser(role, caller.bearer.accountId, [caller.bearer.name])
    case "Role":
      return role.trustedRoles.includes(caller.roleArn)
  }
}

const assumed = (
  exchange: Exchange,
  options: {
    readonly role: Role
    readonly seconds: number
    readonly sessionName: string
    readonly sourceIdentity?: string | undefined
  }
): object => {
  const { role, seconds, sessionName, sourceIdentity } = options
  const session = issue(exchange, {
    caller: { _tag: "Role", roleArn: role.arn, sessionName, sourceIdentity },
    seconds,
    token: true
  })
  return {
    AssumedRoleUser: { Arn: `${role.arn}/${sessionName}`, AssumedRoleId: `${idOf(role.arn)}:${sessionName}` },
    Credentials: {
      AccessKeyId: session.accessKeyId,
      AccessKeySecret: session.accessKeySecret,
      SecurityToken: session.securityToken,
      Expiration: Rfc3339.format(session.expiresAt)
    },
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity })
  }
}

const assumeRole: (exchange: Exchange) => Effect.Effect<object, ApiError> = Effect.fnUntraced(function*(exchange) {
  const caller = yield* authenticate(exchange)
  const requested = yield* roleRequest(exchange)
  const externalId = exchange.parameters["ExternalId"]
  if (externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(externalId)) {
    return yield* invalidParameter("ExternalId", "The parameter ExternalId is wrongly formed.")
  }
  const sourceIdentity = exchange.parameters["SourceIdentity"] ??
    (caller._tag === "Role" ? caller.sourceIdentity : undefined)
  if (sourceIdentity !== undefined && !/^[\w.@-]{2,64}$/.test(sourceIdentity)) {
    return yield* invalidParameter("SourceIdentity", "The parameter SourceIdentity is wrongly formed.")
  }
  const { role } = requested
  const isWanted = (wanted: string | undefined, given: string | undefined) => wanted === undefined || wanted === given
  if (
    !mayAssume(caller, role) || !isWanted(role.externalId, externalId) || !isWanted(role.sourceIdentity, sourceIdentity)
  ) {
    return yield* apiError(
      403,
      "NoPermission",
      "You are not authorized to do this action. You should be authorized by RAM."
    )
  }
  return assumed(exchange, { ...requested, sourceIdentity })
})

const assumeRoleWithOidc: (exchange: Exchange) => Effect.Effect<object, ApiError> = Effect.fnUntraced(
  function*(exchange) {
    const { parameters } = exchange
    const requested = yield* roleRequest(exchange)
    const providerArn = parameters["OIDCProviderArn"] ?? ""
    if (!/^acs:ram::[^:]+:oidc-provider\/.+$/.test(providerArn)) {
      return yield* invalidParameter("OIDCProviderArn", "The parameter OIDCProviderArn is wrongly formed.")
    }
    const token = yield* oidc.authenticate(exchange, parameters["OIDCToken"] ?? "", providerArn)
    if (!requested.role.trustedOidcProviders.includes(providerArn)) return yield* oidc.forbidden
    return {
      ...assumed(exchange, requested),
      OIDCTokenInfo: {
        Subject: token.subject,
        Issuer: token.issuer,
        ClientIds: token.audience,
        ExpirationTime: Rfc3339.format(token.expiresAt),
        IssuanceTime: Rfc3339.format(token.issuedAt),
        VerificationInfo: "Success"
      }
    }
  }
)

const assumeRoleWithSaml: (exchange: Exchange) => Effect.Effect<object, ApiError> = Effect.fnUntraced(
  function*(exchange) {
    const { now, parameters, state } = exchange
    const given = parameters["SAMLAssertion"] ?? ""
    const assertion = state.world.samlAssertions.find((declared) => Encoding.encodeBase64(declared.response) === given)
    const requested = yield* roleRequest(exchange, assertion?.subject ?? "nobody")
    const providerArn = parameters["SAMLProviderArn"] ?? ""
    if (!/^acs:ram::[^:]+:saml-provider\/.+$/.test(providerArn)) {
      return yield* invalidParameter("SAMLProviderArn", "The parameter SAMLProviderArn is wrongly formed.")
    }
    if (assertion === undefined || assertion.providerArn !== providerArn) {
      return yield* apiError(401, "AuthenticationFail.SAMLAssertion.Invalid", "The SAML assertion is not valid.")
    }
    if (assertion.expiresAt !== undefined && DateTime.toEpochMillis(assertion.expiresAt) <= now) {
      return yield* apiError(401, "AuthenticationFail.SAMLAssertion.Expired", "The SAML assertion is expired.")
    }
    if (!requested.role.trustedSamlProviders.includes(providerArn)) return yield* oidc.forbidden
    return {
      ...assumed(exchange, requested),
      SAMLAssertionInfo: {
        Subject: assertion.subject,
        SubjectType: "persistent",
        Issuer: "https://saml.example.com/",
        Recipient: "https://signin.aliyun.com/saml-role/sso"
      }
    }
  }
)

const generateSessionAccessKey: (exchange: Exchange) => Effect.Effect<object, ApiError> = Effect.fnUntraced(
  function*(exchange) {
    const caller = yield* authenticateKeyPair(exchange)
    const seconds = yield* durationOf(exchange.parameters, 3600)
    const session = issue(exchange, { caller, seconds, token: false })
    return {
      SessionAccessKey: {
        SessionAccessKeyId: session.accessKeyId,
        SessionAccessKeySecret: session.accessKeySecret,
        Expiration: Rfc3339.format(session.expiresAt)
      }
    }
  }
)

const getCallerIdentity = (exchange: Exchange): Effect.Effect<object, ApiError> =>
  Effect.map(authenticate(exchange), (caller) => {
    const { accountId, arn, type, userId } = identityOf(caller)
    const identity = { IdentityType: type, AccountId: accountId, Arn: arn, UserId: userId }
    return caller._tag === "Role"
      ? { ...identity, RoleId: userId, PrincipalId: `${userId}:${caller.sessionName}` }
      : { ...identity, PrincipalId: userId }
  })

const actions: Readonly<Record<string, (exchange: Exchange) => Effect.Effect<object, ApiError>>> = {
  AssumeRole: assumeRole,
  AssumeRoleWithOIDC: assumeRoleWithOidc,
  AssumeRoleWithSAML: assumeRoleWithSaml,
  GenerateSessionAccessKey: generateSessionAccessKey,
  GetCallerIdentity: getCallerIdentity
}

export const stsApi: Api = { actions: Object.keys(actions), version: "2015-04-01" }

/** The Security Token Service. */
export const sts = (exchange: Exchange): Effect.Effect<Reply, ApiError> =>
  checkRequest(exchange, stsApi).pipe(
    Effect.flatMap(() =>
      actions[actionOf(exchange) ?? ""]?.(exchange) ?? Effect.dieMessage("an unknown action passed")
    ),
    Effect.map((document) => success(exchange, document))
  )
