/** What to do about the error codes that the Security Token Service is known to answer. */
const byCode: Readonly<Record<string, string>> = {
  "InvalidAccessKeyId.NotFound": "The AccessKey does not exist: check the AccessKey ID and the account it belongs to.",
  "InvalidAccessKeyId.Inactive": "The AccessKey is disabled: enable it in the RAM console or use another one.",
  SignatureDoesNotMatch: "The AccessKey secret does not belong to the AccessKey ID.",
  "InvalidSecurityToken.Expired": "The session that makes the call has expired: get a new one.",
  "InvalidSecurityToken.Malformed": "The security token does not belong to the AccessKey ID.",
  MissingSecurityToken: "A temporary AccessKey needs its security token.",
  "InvalidParameter.RoleArn": "A role ARN has the form acs:ram::<account id>:role/<role name>.",
  "InvalidParameter.RoleSessionName": "A role session name has 2 to 64 letters, digits, or the signs . @ - _.",
  "InvalidParameter.DurationSeconds":
    "roleSessionExpiration must be at least 900 and at most the role's maximum session duration.",
  "InvalidParameter.PolicyGrammar": "The policy is not valid: check it in the RAM console.",
  "InvalidParameter.PolicySize": "The policy is too long: at most 2048 characters.",
  "InvalidTimeStamp.Expired": "This machine's clock is wrong by more than 15 minutes: correct it.",
  SignatureNonceUsed: "The request was sent twice: try again.",
  NoPermission:
    "The caller needs sts:AssumeRole, and the role's trust policy must name the caller; an account root user cannot assume roles.",
  "EntityNotExist.Role": "The role does not exist: check the name and the account id in its ARN.",
  "EntityNotExist.RoleARN": "The role does not exist: check the name and the account id in its ARN.",
  "AuthenticationFail.NoPermission":
    "The OIDC provider is not registered, or the role's trust policy does not allow it.",
  "AuthenticationFail.OIDCToken.Expired": "The OIDC token has expired: check what provides it; it must renew it.",
  "AuthenticationFail.OIDCToken.Invalid":
    "The OIDC token is not valid: check that its file or variable holds the token alone.",
  "AuthenticationFail.OIDCToken.InvalidSignature": "The OIDC token was not signed by the registered provider.",
  "AuthenticationFail.OIDCToken.AudienceNotMatch": "The OIDC token's audience must be one the provider allows.",
  "AuthenticationFail.OIDCToken.HttpsUrlInvalid": "The OIDC provider's HTTPS address cannot be used."
}

const denied =
  /^(InvalidAccessKeyId|InvalidSecurityToken|MissingSecurityToken|SignatureDoesNotMatch|NoPermission|EntityNotExist|AuthenticationFail|Forbidden|InvalidParameter|MissingParameter|InvalidTimeStamp|AccessDenied)/

export const isThrottled = (code: string): boolean => /Throttling|FlowControl/i.test(code)

/** Whether the code says that the same request will be refused again. */
export const isDenied = (code: string): boolean => denied.test(code)

/** Whether the code says that the service itself has a problem that passes. */
export const isUnavailable = (code: string): boolean => code.startsWith("ServiceUnavailable")

export const forCode = (code: string): string | undefined =>
  byCode[code] ?? (isUnavailable(code)
    ? "The service is temporarily unavailable: try again later."
    : isThrottled(code)
    ? "The service limits requests: fewer callers, or longer sessions." :
    undefined)
