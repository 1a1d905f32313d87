/**
 * Refreshes as spans and metrics in an OpenTelemetry collector, over OTLP: with `@effect/opentelemetry` only, without the
 * OpenTelemetry SDK.
 */
import { CredentialsProvider, Environment, RamRoleArn } from "@effect-alicloud/credentials"
import * as Otlp from "@effect/opentelemetry/Otlp"
import { FetchHttpClient } from "@effect/platform"
import { Config, Effect, Layer } from "effect"

/** Where to, as every OpenTelemetry SDK reads it. What is left when the application ends is sent then. */
const telemetry = Layer.unwrapEffect(Effect.map(
  Config.withDefault(Config.string("OTEL_EXPORTER_OTLP_ENDPOINT"), "http://localhost:4318"),
  (baseUrl) => Otlp.layerJson({ baseUrl, resource: { serviceName: "deploy" } })
)).pipe(Layer.provide(FetchHttpClient.layer))

const credentials = RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/deploy" }).pipe(
  Layer.provide(Environment.layer())
)

export const program = Effect.gen(function*() {
  const provider = yield* CredentialsProvider.CredentialsProvider
  const { providerName, type } = yield* provider.get
  return { providerName, type }
}).pipe(Effect.withSpan("deploy"))

/** Refreshes belong to no reader, so the telemetry is provided to the credentials and not only to the program. */
export const layer = Layer.provideMerge(credentials, telemetry)

export const runnable = Effect.provide(program, Layer.provide(layer, FetchHttpClient.layer))
