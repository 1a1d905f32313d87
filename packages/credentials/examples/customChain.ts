/** A chain of your own: a vault, else the environment, else the instance's role; and a role assumed with the winner. */
import {
  Credentials,
  CredentialsError,
  CredentialsProvider,
  EcsRamRole,
  Environment,
  RamRoleArn,
  Source
} from "@effect-alicloud/credentials"
import type { Redacted } from "effect"
import { Context, Effect, Layer, Option } from "effect"

export class Vault extends Context.Tag("example/Vault")<Vault, {
  readonly read: (
    path: string
  ) => Effect.Effect<Option.Option<{ readonly id: string; readonly secret: Redacted.Redacted }>>
}>() {}

/** A source from an effect: absent when the vault has no such entry, so that the chain goes on. */
const fromVault = Effect.map(Vault, (vault) =>
  Source.fromEffect(
    "Vault",
    Effect.flatMap(
      vault.read("alicloud/deploy"),
      Option.match({
        onNone: () =>
          Effect.fail(
            new CredentialsError.SourceUnavailable({
              source: "Vault",
              detail: "there is no entry alicloud/deploy",
              hint: "Write one to use the vault."
            })
          ),
        onSome: ({ id, secret }) =>
          Effect.succeed(
            Credentials.accessKey({
              type: "access_key",
              providerName: "vault",
              accessKeyId: id,
              accessKeySecret: secret
            })
          )
      })
    ),
    { undated: "reread" }
  ))

const chain = CredentialsProvider.layer(fromVault).pipe(
  CredentialsProvider.layerOrElse(Environment.layer()),
  CredentialsProvider.layerOrElse(EcsRamRole.layer({ disableIMDSv1: true }))
)

export const layer = RamRoleArn.layer({
  roleArn: "acs:ram::1234567890123456:role/deploy",
  roleSessionName: "release"
}).pipe(Layer.provide(chain))
