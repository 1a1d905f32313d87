/**
 * A program that asks ECS for its regions, and what it says when that does not work. Nothing in it knows where the
 * credentials come from.
 */
import { DefaultChain } from "@effect-alicloud/credentials"
import { Ecs } from "@effect-alicloud/openapi"
import { Array, Duration, Effect, Layer, Order } from "effect"

/** The ids of the regions, in alphabetical order, or a sentence for a human. */
export const regionIds = Ecs.describeRegions({ acceptLanguage: "en-US" }).pipe(
  Effect.map((regions) => Array.sort(regions.map(({ regionId }) => regionId), Order.string).join("\n")),
  Effect.catchTags({
    ApiError: (error) =>
      Effect.succeed(
        error.code === "Forbidden.RAM"
          ? "Ask for the permission ecs:DescribeRegions."
          : `${error.message} ${error.recommend ?? ""}`
      ),
    Throttled: (error) => Effect.succeed(`Try again in ${Duration.format(error.retryAfter ?? Duration.seconds(10))}.`),
    NoCredentials: (error) => Effect.succeed(error.message)
  })
)

/** The client, with the default chain's credentials. It still needs a platform and an HTTP client. */
export const layer = Layer.provide(Ecs.layer({ regionId: "cn-hangzhou", retries: 3 }), DefaultChain.layer)
