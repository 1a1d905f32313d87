/** The bridges to the official clients, as objects and as what they reject with. */
import { FromConfig } from "@effect-alicloud/credentials"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import {
  AlicloudCredential,
  ClientError,
  createCredential,
  type CredentialOptions,
  OssCredentials,
  PopCoreCredentials
} from "@effect-alicloud/sdk"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import type { Layer } from "effect"
import { Context, Effect, Exit } from "effect"
import { Layer as EffectLayer } from "effect"
import { untyped } from "../../kit/world.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import type { Group, Subject } from "../subject.ts"
import { succeeding } from "../subject.ts"
import { credentialsOf } from "./values.ts"

const promised = (run: () => Promise<unknown>) =>
  Effect.exit(Effect.tryPromise({ try: run, catch: (error) => ({ error }) }))

/** `ali-oss` takes a copy of these options; a copy is made to have the keys. */
const copies = [
  "JSON of a copy",
  "inspect a copy",
  "own members",
  "for-in"
]

const bridges = (provider: Layer.Layer<CredentialsProvider>) =>
  Effect.gen(function*() {
    const service = Context.get(yield* EffectLayer.build(provider), CredentialsProvider)
    const credential = yield* AlicloudCredential.make(service)
    const popCore = yield* PopCoreCredentials.make(service)
    const oss = yield* Effect.exit(OssCredentials.make(service))
    const values = {
      credential,
      "its credential": (credential as { readonly credential?: unknown }).credential,
      "getCredential()": yield* promised(() => credential.getCredential()),
      popCore,
      rpcConfig: popCore.rpcConfig({ endpoint: "https://a", apiVersion: "1" }),
      "layers": [AlicloudCredential.layer, PopCoreCredentials.layer, OssCredentials.layer].map((layer) =>
        EffectLayer.provide(layer as typeof AlicloudCredential.layer, provider)
      )
    }
    const subjects: ReadonlyArray<Subject> = Object.entries(values).map(([name, value]) => ({ name, value }))
    return [
      ...subjects,
      { name: "oss", value: oss, deliberate: copies },
      ...(Exit.isSuccess(oss)
        ? [
          { name: "oss", value: oss.value, deliberate: copies },
          { name: "oss options", value: oss.value.options, deliberate: copies }
        ]
        : [])
    ]
  })

const kinds: Group = {
  name: "bridges",
  least: 3700,
  subjects: (secret) =>
    Effect.map(
      Effect.forEach(
        share(secret, 2, Object.values(credentialsOf(secret)).slice(0, 4)),
        (credentials) => bridges(TestCredentials.layer(credentials))
      ),
      (found) => found.flat()
    )
}

const configs = ({ text }: Secret): Readonly<Record<string, CredentialOptions.CredentialOptions>> => ({
  access_key: { type: "access_key", accessKeyId: "a", accessKeySecret: text },
  sts: { type: "sts", accessKeyId: "a", accessKeySecret: text, securityToken: text },
  bearer: { type: "bearer", bearerToken: text },
  "a wrong type": { type: text, accessKeySecret: text },
  "a wrong secret": { type: "access_key", accessKeyId: "a", accessKeySecret: untyped([text]) },
  "a wrong address": { type: "credentials_uri", credentialsURI: text },
  "a wrong key": { type: "rsa_key_pair", publicKeyId: "a", privateKeyFile: "/gone", accessKeySecret: text },
  "a function": { get: async () => ({ accessKeyId: "a", accessKeySecret: text, securityToken: text }) },
  "a function that throws": {
    get: () => Promise.reject(Object.assign(new Error(text), { name: text, code: text }))
  },
  "a wrong result": { get: async () => untyped({ accessKeyId: [text], accessKeySecret: text, expiration: text }) },
  "a wrong source": { sources: [text, { type: "access_key", accessKeyId: "a", accessKeySecret: text }] },
  "two sources": { profile: "a", type: "access_key", accessKeySecret: text }
})

const standalone: Group = {
  name: "createCredential",
  least: 5800,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [name, config] of Object.entries(configs(secret))) {
        const made = yield* promised(() => createCredential(config))
        found.push({ name: `${name}: made`, value: made })
        if (Exit.isFailure(made)) continue
        const credential = made.value as Awaited<ReturnType<typeof createCredential>>
        const oss = yield* promised(credential.oss)
        found.push(
          { name: `${name}: credential`, value: credential },
          { name: `${name}: getCredential()`, value: yield* promised(() => credential.getCredential()) },
          { name: `${name}: oss`, value: oss, deliberate: copies }
        )
        yield* Effect.promise(credential.close)
        found.push({ name: `${name}: closed`, value: yield* promised(() => credential.getCredential()) })
      }
      const original = Object.assign(new Error(secret.text), { code: secret.text, data: { RequestId: secret.text } })
      found.push({ name: "ClientError", value: ClientError.fromUnknown(original, "DescribeRegions") })
      found.push(...(yield* succeeding("FromConfig", Effect.sync(() => FromConfig.layer(configs(secret)["sts"])))))
      return found
    })
}

export const groups: ReadonlyArray<Group> = [kinds, standalone]
