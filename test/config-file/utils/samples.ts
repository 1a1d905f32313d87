/** The official minimal samples of a profile, one of each mode that has one, as one file. */
export const samples = {
  current: "dev",
  profiles: [
    { name: "dev", mode: "AK", access_key_id: "LTAI...", access_key_secret: "...", region_id: "cn-hangzhou" },
    {
      name: "role",
      mode: "RamRoleArn",
      access_key_id: "LTAI...",
      access_key_secret: "...",
      ram_role_arn: "acs:ram::1234:role/r",
      ram_session_name: "s",
      expired_seconds: 3600,
      sts_region: "cn-hangzhou"
    },
    {
      name: "chain",
      mode: "ChainableRamRoleArn",
      source_profile: "role",
      ram_role_arn: "acs:ram::5678:role/x",
      ram_session_name: "s2",
      external_id: "e"
    },
    { name: "ecs", mode: "EcsRamRole", ram_role_name: "EcsRole" },
    {
      name: "rrsa",
      mode: "OIDC",
      oidc_provider_arn: "acs:ram::1234:oidc-provider/p",
      oidc_token_file: "/var/run/secrets/tokens/oidc-token",
      ram_role_arn: "acs:ram::1234:role/r",
      ram_session_name: "s"
    },
    { name: "uri", mode: "CredentialsURI", credentials_uri: "http://localhost:6666/?user=me" },
    { name: "ext", mode: "External", process_command: "/opt/bin/get-cred --json" },
    {
      name: "sso",
      mode: "CloudSSO",
      cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
      cloud_sso_account_id: "1234",
      cloud_sso_access_config: "ac-1",
      access_token: "...",
      cloud_sso_access_token_expire: 1893456000,
      access_key_id: "STS.N..",
      access_key_secret: "..",
      sts_token: "..",
      sts_expiration: 1893450000
    },
    {
      name: "oauth",
      mode: "OAuth",
      oauth_site_type: "CN",
      oauth_access_token: "..",
      oauth_refresh_token: "..",
      oauth_access_token_expire: 1893456000,
      access_key_id: "STS.N..",
      access_key_secret: "..",
      sts_token: "..",
      sts_expiration: 1893450000
    },
    { name: "bt", mode: "BearerToken", bearer_token: "..", bearer_token_header_key: "x-custom-token" }
  ],
  meta_path: ""
}
