/** What every runtime must print for the checks of `chain.ts`, with ports and certificate codes as `normalized` writes them. */

const pair = (providerName: string, accessKeyId = "LTAI5tCi") => ({
  tag: "AccessKey",
  type: "access_key",
  providerName,
  accessKeyId,
  expires: false,
  whole: true
})

const session = (type: string, providerName: string) => ({
  tag: "Sts",
  type,
  providerName,
  accessKeyId: "STS.Fake",
  expires: true,
  whole: true
})

const stored = (providerName: string) => ({
  ...session("sts", providerName),
  accessKeyId: "LTAI5tCi",
  expires: false
})

const rsa = (providerName: string) => ({
  ...session("rsa_key_pair", providerName),
  tag: "AccessKey",
  accessKeyId: "TMP.Fake"
})

const bearer = (providerName: string) => ({ tag: "Bearer", type: "bearer", providerName, expires: false, whole: true })

const failed = (source: string, message: string, more: object = {}) => ({
  tag: "SourceFailed",
  source,
  reason: "Transport",
  retryable: true,
  ...more,
  message
})

/** Addresses and codes that differ from run to run, or from one TLS library to the next. */
export const normalized = (stdout: string): string =>
  stdout.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/code (?:CERT_SIGNATURE_FAILURE|UNABLE_TO_VERIFY_LEAF_SIGNATURE)/g, "code UNTRUSTED")

export const expected: Readonly<Record<string, unknown>> = {
  "variables of the process": pair("default/env", "LTAI5tProcess"),
  variables: pair("default/env"),
  "OIDC role": session("oidc_role_arn", "default/oidc_role_arn"),
  "profile AK": pair("default/cli_profile/static_ak"),
  "profile StsToken": stored("default/cli_profile/static_sts"),
  "profile RamRoleArn": session("ram_role_arn", "default/cli_profile/ram_role_arn/static_ak"),
  "profile EcsRamRole": session("ecs_ram_role", "default/cli_profile/ecs_ram_role"),
  "profile OIDC": session("oidc_role_arn", "default/cli_profile/oidc_role_arn"),
  "profile ChainableRamRoleArn": session("ram_role_arn", "default/cli_profile/ram_role_arn/static_ak"),
  "profile CloudSSO": session("sts", "default/cli_profile/cloud_sso"),
  "profile External": pair("default/cli_profile/external", "LTAI5tExternal"),
  "profile CredentialsURI": session("credentials_uri", "default/cli_profile/credential_uri"),
  "profile RsaKeyPair": rsa("default/cli_profile/rsa_key_pair"),
  "profile RamRoleArnWithRoleName": session("ram_role_arn", "default/cli_profile/ram_role_arn/ecs_ram_role"),
  "profile BearerToken": bearer("default/cli_profile/bearer"),
  "profile Anonymous": {
    tag: "Anonymous",
    type: "anonymous",
    providerName: "default/cli_profile/anonymous",
    expires: false,
    whole: false
  },
  "profile OAuth, and the session that it has stored": [
    session("sts", "default/cli_profile/oauth"),
    session("sts", "default/cli_profile/oauth")
  ],
  "section access_key": pair("default/profile/static_ak"),
  "section sts": stored("default/profile/static_sts"),
  "section bearer": bearer("default/profile/bearer"),
  "section ecs_ram_role": session("ecs_ram_role", "default/profile/ecs_ram_role"),
  "section ram_role_arn": session("ram_role_arn", "default/profile/ram_role_arn/static_ak"),
  "section oidc_role_arn": session("oidc_role_arn", "default/profile/oidc_role_arn"),
  "section rsa_key_pair": rsa("default/profile/rsa_key_pair"),
  "instance role": session("ecs_ram_role", "default/ecs_ram_role"),
  "credentials URI": session("credentials_uri", "default/credential_uri"),
  "nothing configured": [
    "Environment",
    "OidcRoleArn",
    "CliProfile",
    "CredentialsFile",
    "EcsRamRole",
    "CredentialsUri"
  ].map((source) => [source, "SourceUnavailable"]),
  "plain HTTP through the proxy": session("credentials_uri", "credential_uri"),
  "loopback without the proxy": session("credentials_uri", "credential_uri"),
  "the proxy refuses": failed(
    "RamRoleArn",
    "RamRoleArn failed, Transport: the proxy http://127.0.0.1:PORT refused the connection with HTTP 407 (code PROXY_REFUSED). " +
      "Set HTTPS_PROXY to http://user:password@host:port, both percent-encoded.",
    { retryable: false }
  ),
  "there is no proxy": failed(
    "RamRoleArn",
    "RamRoleArn failed, Transport: no connection to https://sts.aliyuncs.com (code ECONNREFUSED)."
  ),
  "a certificate of a stranger": failed(
    "RamRoleArn",
    "RamRoleArn failed, Transport: the certificate of https://127.0.0.1:PORT is not trusted (code UNTRUSTED). " +
      "If the network re-signs TLS, point NODE_EXTRA_CA_CERTS at its CA certificate.",
    { retryable: false }
  ),
  "no connection": failed(
    "CredentialsUri",
    "CredentialsUri failed, Transport: no connection to http://127.0.0.1:PORT (code ECONNREFUSED)."
  ),
  "no answer": failed(
    "CredentialsUri",
    "CredentialsUri failed, Timeout: no answer from http://127.0.0.1:PORT within 800ms.",
    { reason: "Timeout" }
  ),
  "a redirect": failed(
    "CredentialsUri",
    "CredentialsUri failed, BadStatus: http://127.0.0.1:PORT refused (HTTP 302).",
    { reason: "BadStatus", status: 302, retryable: false }
  ),
  "a Unix socket": "GET /token",
  "program interrupted": { started: true, stopped: true },
  "refreshed in the background": session("credentials_uri", "credential_uri"),
  "session store": { accessKeyId: "STS.Fake0001" }
}
