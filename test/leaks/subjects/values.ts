/** What is handed out: credentials, providers, sources, layers, and contexts that hold them. */
import { Credentials, CredentialsProvider, Source, Sts } from "@effect-alicloud/credentials"
import * as Imds from "@effect-alicloud/credentials/unstable/Imds"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { Context, DateTime, Effect, Exit, Fiber, Layer, Option, Redacted, Schema } from "effect"
import { roleArn } from "../../kit/cloud.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import { on } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"
import { succeeding } from "../subject.ts"

const named = (values: Readonly<Record<string, unknown>>): ReadonlyArray<Subject> =>
  Object.entries(values).map(([name, value]) => ({ name, value }))

/** All four kinds of credentials, those with secrets twice: from plain text and from what is redacted already. */
export const credentialsOf = ({ text }: Secret): Readonly<Record<string, Credentials.Credentials>> => {
  const pair = { type: "sts", providerName: "test", accessKeyId: "LTAI5tTest" } as const
  const expiration = DateTime.unsafeMake("2027-01-01T00:00:00Z")
  const secret = Redacted.make(text)
  return {
    accessKey: Credentials.accessKey({ ...pair, accessKeySecret: text }),
    sts: Credentials.sts({ ...pair, accessKeySecret: secret, securityToken: text, expiration }),
    bearer: Credentials.bearer({ providerName: "test", bearerToken: text, headerName: "x-token" }),
    anonymous: Credentials.anonymous({ providerName: "test" }),
    renamed: Credentials.withProviderName(
      Credentials.bearer({ providerName: "test", bearerToken: secret }),
      "outer/test"
    ),
    "new AccessKey": new Credentials.AccessKey({ ...pair, accessKeySecret: secret, expiration: Option.none() }),
    "new Sts": new Credentials.Sts({
      ...pair,
      accessKeySecret: secret,
      securityToken: secret,
      expiration: Option.some(expiration)
    }),
    "new Bearer": new Credentials.Bearer({
      type: "bearer",
      providerName: "test",
      bearerToken: secret,
      headerName: Option.none()
    }),
    decoded: Schema.decodeSync(Credentials.Credentials)({
      _tag: "Sts",
      ...pair,
      accessKeySecret: text,
      securityToken: text
    })
  }
}

const credentials: Group = {
  name: "credentials",
  least: 3300,
  subjects: (secret) => {
    const all = credentialsOf(secret)
    return Effect.succeed(named({
      ...all,
      "all of them": Object.values(all),
      "in an effect": Effect.succeed(all["sts"]),
      "in an option": Option.fromNullable(all["accessKey"]),
      "as a defect": Exit.die(all["sts"]),
      "as a failure": Exit.fail(all["bearer"])
    }))
  }
}

/** A provider and everything around it, after it has been asked. */
const around = (layer: Layer.Layer<CredentialsProvider.CredentialsProvider>) =>
  Effect.gen(function*() {
    const context = yield* Layer.build(layer)
    const provider = Context.get(context, CredentialsProvider.CredentialsProvider)
    const exit = yield* Effect.exit(provider.get)
    const source = CredentialsProvider.sourceOf(provider)
    const chain = Source.orElse(source, Source.withProviderPrefix(source, "second"))
    const fiber = yield* Effect.fork(provider.get)
    yield* Fiber.await(fiber)
    return {
      layer,
      "layer twice": CredentialsProvider.layerOrElse(layer, layer),
      context,
      provider,
      "provider.get": provider.get,
      "provider.current": provider.unsafeCurrent(),
      "provider.invalidate": Option.map(Exit.isSuccess(exit) ? Option.some(exit.value) : Option.none(), (current) =>
        provider.invalidate(current)),
      exit,
      report: yield* provider.report,
      source,
      chain,
      "chain as a layer": CredentialsProvider.layer(chain),
      "fiber dump": yield* Fiber.pretty(fiber)
    }
  })

const providers: Group = {
  name: "providers",
  least: 6100,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [name, value] of share(secret, 2, Object.entries(credentialsOf(secret)).slice(0, 4))) {
        const layers = { [name]: TestCredentials.layer(value), [`${name} in turn`]: TestCredentials.sequence([value]) }
        for (const [title, layer] of share(secret, 2, Object.entries(layers))) {
          const values = yield* Effect.scoped(around(layer))
          found.push(...named(values).map((subject) => ({ ...subject, name: `${title}: ${subject.name}` })))
        }
      }
      return found
    })
}

const services: Group = {
  name: "services",
  least: 2100,
  subjects: (secret) =>
    on({})(Effect.gen(function*() {
      const { text } = secret
      const sts = yield* Sts.make("Test", {})
      const read = yield* Imds.make("Test")
      const caller = credentialsOf(secret)["accessKey"] as Credentials.AccessKey
      const cloud = yield* FakeAlicloud.make({
        users: [{ name: "ci", accessKeyId: "LTAI5tTest", accessKeySecret: text }],
        oauthLogins: [{ refreshToken: text }]
      })
      yield* cloud.handle({
        method: "GET",
        url: `https://ecs.aliyuncs.com/?AccessKeyId=${text}`,
        headers: {},
        body: ""
      })
      return named({
        sts,
        "sts.assumeRole": sts.assumeRole(caller, { roleArn: roleArn("open"), externalId: text, policy: text }),
        "sts.assumeRoleWithOidc": sts.assumeRoleWithOidc({
          roleArn: roleArn("pod"),
          oidcProviderArn: "a",
          oidcToken: Effect.succeed(Redacted.make(text))
        }),
        "sts.generateSessionAccessKey": sts.generateSessionAccessKey({
          publicKeyId: "a",
          privateKey: Redacted.make(text)
        }),
        "metadata service": read,
        "a fake cloud": cloud,
        "a fake cloud's layer": FakeAlicloud.layer({ oauthLogins: [{ refreshToken: text }] }),
        ...Object.fromEntries(
          (yield* succeeding(
            "session",
            Effect.exit(read({
              roleName: undefined,
              disableIMDSv1: false,
              timeouts: Imds.defaultTimeouts
            }))
          )).map(({ name, value }) => [name, value])
        )
      })
    }))
}

export const groups: ReadonlyArray<Group> = [credentials, providers, services]
