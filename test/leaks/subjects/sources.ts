/** Sources and layers from configurations that hold a secret, and what they answer. */
import {
  AccessKey,
  BearerToken,
  CloudSso,
  CredentialsProvider,
  CredentialsUri,
  External,
  FromConfig,
  OAuth,
  OidcRoleArn,
  OidcToken,
  RamRoleArn,
  RsaKeyPair,
  SamlRoleArn,
  Source,
  StsToken
} from "@effect-alicloud/credentials"
import type { CredentialsError, DefaultChain } from "@effect-alicloud/credentials"
import { Config, ConfigProvider, Context, Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import { accountId, ci, keyPair, providerArn, roleArn } from "../../kit/cloud.ts"
import { signInHost } from "../../kit/profileWorld.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import type { Machine } from "../machine.ts"
import { ending, on } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"
import { credentialsOf } from "./values.ts"

type Requirements = DefaultChain.Requirements | Scope.Scope

type Provider = Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  CredentialsError.CredentialsError,
  DefaultChain.Requirements
>

/** A source as it is configured, and the machine on which that works. */
interface Configured {
  readonly make: Effect.Effect<Source.Source, CredentialsError.InvalidConfig, Requirements>
  readonly layers: ReadonlyArray<Provider>
  readonly machine?: Machine | undefined
}

const pair = { accessKeyId: "LTAI5tTest" }

/** The shapes that can be part of a URL, or of a command line, as they stand. */
const escaped = ({ text }: Secret): string => encodeURIComponent(text)

const quoted = ({ text }: Secret): string => `'${text.replaceAll("'", "'\\''")}'`

const configured = (secret: Secret): Readonly<Record<string, Configured>> => {
  const { text } = secret
  const redacted = Redacted.make(text)
  const keys = { ...pair, accessKeySecret: redacted }
  const session = { ...keys, securityToken: redacted }
  const uri = `http://user:${escaped(secret)}@127.0.0.1:6666/${escaped(secret)}?token=${escaped(secret)}`
  const role = { roleArn: roleArn("open"), externalId: text, policy: text, roleSessionName: text }
  const oidc = { roleArn: roleArn("pod"), oidcProviderArn: providerArn }
  const saml = { roleArn: roleArn("pod"), samlProviderArn: "acs:ram::1:saml-provider/a" }
  const login = { siteType: "CN", accessToken: redacted, refreshToken: redacted } as const
  const sso = { signInUrl: `https://${signInHost}/?${escaped(secret)}`, accountId, accessConfig: "ac-1" }
  const caller = Source.fromEffect("Caller", Effect.succeed(credentialsOf(secret)["sts"]!))
  const user = { users: [{ ...ci, accessKeySecret: text, accessKeyId: pair.accessKeyId }] }
  const command = `/opt/get --token=${quoted(secret)} ${quoted(secret)}`
  return {
    AccessKey: { make: AccessKey.make(keys), layers: [AccessKey.layer(keys)] },
    StsToken: {
      make: StsToken.make(session),
      layers: [
        StsToken.layer(session),
        StsToken.layerConfig({
          accessKeyId: Config.succeed("a"),
          accessKeySecret: Config.succeed(redacted),
          securityToken: Config.succeed(redacted)
        })
      ]
    },
    BearerToken: {
      make: BearerToken.make({ bearerToken: redacted }),
      layers: [BearerToken.layer({ bearerToken: redacted })]
    },
    RamRoleArn: {
      make: RamRoleArn.make(caller, role),
      layers: [Layer.provide(RamRoleArn.layer(role), AccessKey.layer(keys))],
      machine: { world: user }
    },
    OidcRoleArn: {
      make: OidcRoleArn.make({ ...role, oidcProviderArn: providerArn, oidcTokenFilePath: "/token" }),
      layers: [
        OidcRoleArn.layer({ roleArn: roleArn("pod"), oidcProviderArn: providerArn, oidcTokenFilePath: "/token" })
      ],
      machine: {
        files: { "/token": text },
        world: { oidcTokens: [{ token: text, providerArn, subject: "system:serviceaccount:default:app" }] }
      }
    },
    "OidcRoleArn with a token": {
      make: OidcRoleArn.make({ ...oidc, oidcToken: Effect.succeed(redacted) }),
      layers: [OidcRoleArn.layer({ ...oidc, oidcToken: OidcToken.variable("JOB_TOKEN") })],
      machine: { env: { JOB_TOKEN: text } }
    },
    SamlRoleArn: {
      make: SamlRoleArn.make({ ...saml, samlAssertion: Effect.succeed(redacted) }),
      layers: [SamlRoleArn.layer({ ...saml, samlAssertion: Effect.succeed(redacted) })]
    },
    CredentialsUri: {
      make: CredentialsUri.make({ credentialsUri: uri }),
      layers: [CredentialsUri.layer({ credentialsUri: uri })],
      machine: { world: { credentialsUris: [{ path: new URL(uri).pathname + new URL(uri).search }] } }
    },
    External: {
      make: External.make({ processCommand: command }),
      layers: [External.layer({ processCommand: command })],
      machine: {
        program: {
          stdout: JSON.stringify({ mode: "StsToken", access_key_id: "a", access_key_secret: text, sts_token: text }),
          stderr: text
        }
      }
    },
    OAuth: {
      make: OAuth.make(login),
      layers: [OAuth.layer(login)],
      machine: { world: { oauthLogins: [{ refreshToken: text, accessToken: text }] } }
    },
    CloudSso: {
      make: CloudSso.make({ ...sso, accessToken: redacted }),
      layers: [CloudSso.layer({ ...sso, accessToken: redacted })],
      machine: {
        world: {
          cloudSsoSites: [{
            host: signInHost,
            logins: [{ accessToken: text, grants: [{ accountId, accessConfigurationId: "ac-1" }] }]
          }]
        }
      }
    },
    "RsaKeyPair with a wrong key": {
      make: RsaKeyPair.make({ publicKeyId: "a", privateKey: redacted }),
      layers: [RsaKeyPair.layer({ publicKeyId: "a", privateKeyFile: "/key.pem" })],
      machine: { files: { "/key.pem": text } }
    },
    RsaKeyPair: {
      make: RsaKeyPair.make({ publicKeyId: "LTPubKey", privateKey: Redacted.make(`${keyPair.privateKey}\n`) }),
      layers: [RsaKeyPair.layer({ publicKeyId: "LTPubKey", privateKey: Redacted.make(`----${text}`) })]
    },
    FromConfig: {
      make: FromConfig.fromConfig({ type: "sts", ...pair, accessKeySecret: text, securityToken: text }),
      layers: [
        FromConfig.layer({ type: "ram_role_arn", ...pair, accessKeySecret: text, ...role }),
        FromConfig.layer({ type: "credentials_uri", credentialsURI: uri }),
        FromConfig.layer({ type: "bearer", bearerToken: text })
      ],
      machine: { world: user }
    }
  }
}

const sources: Group = {
  name: "sources and their layers",
  least: 11_400,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [name, { layers, machine = {}, make }] of share(secret, 4, Object.entries(configured(secret)))) {
        found.push({ name: `${name}: make`, value: make })
        found.push(...(yield* ending(`${name}: source`, machine, make)))
        found.push(...(yield* ending(`${name}: credentials`, machine, Effect.flatMap(make, (source) => source.get))))
        for (const layer of layers) {
          found.push({ name: `${name}: layer`, value: layer })
          found.push(...(yield* ending(`${name}: built`, machine, Layer.build(layer))))
          const report = Effect.flatMap(Layer.build(layer), (context) => {
            const provider = Context.get(context, CredentialsProvider.CredentialsProvider)
            return Effect.zipRight(Effect.exit(provider.get), provider.report)
          })
          found.push(...(yield* ending(`${name}: report`, machine, report)))
        }
      }
      return found
    })
}

const roles: Group = {
  name: "many roles",
  least: 2100,
  subjects: (secret) => {
    const { text } = secret
    const keys = AccessKey.layer({ ...pair, accessKeySecret: Redacted.make(text) })
    const layer = Layer.provide(RamRoleArn.layerMany(), keys)
    const world = { users: [{ ...ci, accessKeySecret: text, accessKeyId: pair.accessKeyId }] }
    return on({ world })(Effect.gen(function*() {
      const context = yield* Layer.build(layer)
      const service = Context.get(context, RamRoleArn.RamRoleArns)
      const provider = service.provider({ roleArn: roleArn("open"), policy: text, externalId: text })
      const exit = yield* Effect.exit(provider.get)
      const refused = service.provider({ roleArn: roleArn("closed"), policy: text, externalId: text })
      const values = {
        layer,
        context,
        service,
        provider,
        get: provider.get,
        exit,
        report: yield* provider.report,
        refused: yield* Effect.exit(refused.get),
        "report of the refusal": yield* refused.report
      }
      return Object.entries(values).map(([name, value]) => ({ name, value }))
    }))
  }
}

const environment: Group = {
  name: "configuration from variables",
  least: 3900,
  subjects: (secret) => {
    const { text } = secret
    const env = ConfigProvider.fromMap(new Map([["ID", text], ["SECRET", text], ["NUMBER", text], ["URI", text]]))
    const layers: Readonly<Record<string, Provider>> = {
      AccessKey: AccessKey.layerConfig({
        accessKeyId: Config.string("ID"),
        accessKeySecret: Config.redacted(Config.integer("SECRET")) as unknown as Config.Config<Redacted.Redacted>
      }),
      StsToken: StsToken.layerConfig({
        accessKeyId: Config.literal("LTAI")("ID"),
        accessKeySecret: Config.redacted("SECRET"),
        securityToken: Config.redacted("GONE")
      }),
      CredentialsUri: CredentialsUri.layerConfig({
        credentialsUri: Config.map(Config.url("URI"), String),
        timeout: Config.duration("NUMBER")
      }),
      External: External.layerConfig({ processCommand: Config.string("ID"), timeout: Config.integer("NUMBER") })
    }
    return Effect.map(
      Effect.forEach(
        Object.entries(layers),
        ([name, layer]) =>
          Effect.map(
            ending(name, {}, Effect.withConfigProvider(Layer.build(layer), env)),
            (subjects) => [{ name: `${name}: layer`, value: layer }, ...subjects]
          )
      ),
      (found) => found.flat()
    )
  }
}

export const groups: ReadonlyArray<Group> = [sources, roles, environment]
