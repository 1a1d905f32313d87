/** The checks of `doctor` that use the network: the clock, STS, proxies, the metadata service. */
import { renderIssues, renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import * as Sts from "@effect-alicloud/credentials/Sts"
import * as Imds from "@effect-alicloud/credentials/unstable/Imds"
import * as Proxy from "@effect-alicloud/credentials/unstable/Proxy"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Transport from "@effect-alicloud/credentials/unstable/Transport"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as messages from "../../messages/doctor.ts"
import type { Probed, Problem } from "../probe.ts"
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

const fixOf = (subject: string, probed: Problem, proxies: ReadonlyArray<string>): string =>
  probed._tag === "NoAnswer" && probed.reason === "Certificate"
    ? Transport.certificateHint
    : (probed._tag === "NoAnswer" ? probed.proxy?.hint : undefined) ?? messages.reach(subject, proxies)

const reachability = (subject: string, probed: Probed, proxies: ReadonlyArray<string>): Finding =>
  probed._tag === "Answered"
    ? { check: "sts", level: "ok", subject, message: messages.answered(probed.millis) }
    : {
      check: "sts",
      level: "warning",
      subject,
      message: messages.problem(probed),
      fix: fixOf(subject, probed, proxies)
    }

const proxyFinding = (proxy: Proxy.Proxy | Proxy.Unusable): Finding =>
  proxy._tag === "Unusable"
    ? {
      check: "proxy",
      level: "error",
      subject: proxy.variable,
      message: messages.noProxyUrl,
      fix: proxy.problem.hint
    }
    : { check: "proxy", level: "info", subject: proxy.variable, message: messages.proxied(proxy.origin) }

const noProxyFindings = ({ value, variable }: Proxy.Settings["noProxy"]): ReadonlyArray<Finding> =>
  Proxy.entriesOf(value).unusable.map((entry) => ({
    check: "proxy",
    level: "warning",
    subject: variable,
    message: messages.noAddressBlock(Text.name(entry)),
    fix: messages.fixAddressBlock(variable)
  }))

/**
 * Whether the Security Token Service can be reached, and what its clock says: whatever it answers to a request that is
 * not signed has a date. Takes at most 3 seconds.
 */
export const sts: Effect.Effect<ReadonlyArray<Finding>, never, HttpClient.HttpClient> = Effect.gen(function*() {
  const { http, https, noProxy } = yield* Proxy.fromEnv
  const found = [https, http].filter((proxy) => proxy !== undefined)
  const told = [...found.map(proxyFinding), ...noProxyFindings(noProxy)]
  const url = yield* Effect.either(Sts.endpoint("doctor"))
  if (Either.isLeft(url)) {
    const location = renderLocation(url.left.location)
    const issues = renderIssues(url.left.issues)
    return [...told, {
      check: "sts",
      level: "error",
      subject: location,
      message: issues,
      fix: messages.correctIssue(location, issues)
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
