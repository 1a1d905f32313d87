/** Many roles, whose sessions all instances of a service share through a client of ioredis that the service has anyway. */
import { RamRoleArn } from "@effect-alicloud/credentials"
import { RedisSessionStore } from "@effect-alicloud/redis"
import { Config, Effect, Layer } from "effect"

const storeOn = (client: RedisSessionStore.Client) =>
  Layer.unwrapEffect(
    Effect.map(Config.redacted("SESSION_SECRET"), (secret) => RedisSessionStore.layer({ client, secret }))
  )

export const rolesOn = (client: RedisSessionStore.Client) =>
  RamRoleArn.layerMany({ capacity: 10_000 }).pipe(Layer.provide(storeOn(client)))

export const credentialsOf = (roleArn: string) =>
  Effect.flatMap(RamRoleArn.RamRoleArns, (roles) => roles.provider({ roleArn }).get)
