import * as Imds from "@effect-alicloud/credentials/Imds"
import * as Sts from "@effect-alicloud/credentials/Sts"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as messages from "../../messages/doctor.ts"
import type { Probed } from "../probe.ts"
import { probe } from "../probe.ts"
import type { Finding } from "./Finding.ts"

const minute = 60_000

const clock = (subject: string, probed: Probed): Finding => {
  const ahead = probed._tag === "Answered" ? probed.clockAheadMillis : undefined
  const about = { check: "clock", subject } as const
  if (ahead === undefined) {
    return { ...about, level: "info", message: messages.clockUnknown }
  }
  return Math.abs(ahead) > 15 * minute
    ? { ...about, level: "error", message: messages.clockError(ahead), fix: messages.setClock }
    : Math.abs(ahead) > 5 * minute
    ? { ...about, level: "warning", message: messages.clockWarning(ahead), fix: messages.setClock }
    : { ...about, level: "ok", message: messages.clockRight(ahead) }
}

const reachability = (subject: string, probed: Probed, proxies: ReadonlyArray<string>): Finding =>
  probed._tag === "Answered"
    ? { check: "sts", level: "ok", subject, message: messages.answered(probed.millis) }
    : {
      check: "sts",
      level: "warning",
      subject,
      message: messages.problem(probed),
      fix: probed._tag === "Untrusted" ? messages.trust : messages.reach(subject, proxies)
    }

interface Proxy {
  readonly variable: string
  /** Scheme, host and port; none when the value is not the URL of a proxy. */
  readonly origin: string | undefined
}

/** Of the two spellings the one that is set decides, even when it is empty. */
const proxyIn = (lower: string): Effect.Effect<ReadonlyArray<Proxy>> =>
  Effect.firstSuccessOf(
    [lower, lower.toUpperCase()].map((name) =>
      Effect.map(Config.string(name), (value) => ({ name, value: value.trim() }))
    )
  ).pipe(
    Effect.map(({ name, value }) => {
      const text = value.includes("://") ? value : `http://${value}`
      const url = value !== "" && URL.canParse(text) ? new URL(text) : undefined
      const usable = url?.protocol === "http:" || url?.protocol === "https:"
      return value === "" ? [] : [{ variable: name, origin: usable ? url.origin : undefined }]
    }),
    Effect.orElseSucceed(() => [])
  )

/** The proxies that the environment names, without their credentials. */
const proxies: Effect.Effect<ReadonlyArray<Proxy>> = Effect.zipWith(
  proxyIn("https_proxy"),
  proxyIn("http_proxy"),
  (https, http) => [...https, ...http]
)

const proxyFinding = ({ origin, variable }: Proxy): Finding =>
  origin === undefined
    ? {
      check: "proxy",
      level: "error",
      subject: variable,
      message: messages.noProxyUrl,
      fix: messages.fixProxy(variable)
    }
    : { check: "proxy", level: "info", subject: variable, message: messages.proxied(origin) }

/**
 * Whether the Security Token Service can be reached, and what its clock says: whatever it answers to a request that is
 * not signed has a date. Takes at most 3 seconds.
 */
export const sts: Effect.Effect<ReadonlyArray<Finding>, never, HttpClient.HttpClient> = Effect.gen(function*() {
  const found = yield* proxies
  const told = found.map(proxyFinding)
  const url = yield* Effect.either(Sts.endpoint("doctor"))
  if (Either.isLeft(url)) {
    const { issues, location } = url.left
    return [...told, {
      check: "sts",
      level: "error",
      subject: location,
      message: issues.join("; "),
      fix: messages.correctIssue(location, issues.join("; "))
    }]
  }
  const probed = yield* probe(HttpClientRequest.get(`${url.right}/`), { limit: "3 seconds", direct: false })
  return [
    clock(url.right, probed),
    reachability(url.right, probed, found.map(({ variable }) => variable)),
    ...told
  ]
})

/** Whether the metadata service answers, by the first request that its source would make. Takes at most 1 second. */
export const imds: Effect.Effect<Finding, never, HttpClient.HttpClient> = Effect.map(
  probe(
    HttpClientRequest.setHeader(
      HttpClientRequest.put(`${Imds.address}/latest/api/token`),
      "x-aliyun-ecs-metadata-token-ttl-seconds",
      "60"
    ),
    { limit: "1 second", direct: true }
  ),
  (probed) => ({
    check: "imds",
    level: "info",
    subject: Imds.address,
    message: probed._tag === "Answered" ? messages.metadataAnswers : messages.metadataSilent
  })
)
