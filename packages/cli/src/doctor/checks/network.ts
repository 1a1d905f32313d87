/** The checks of `doctor` that use the network: the clock, STS, proxies, the metadata service. */
import { renderIssues, renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import * as Sts from "@effect-alicloud/credentials/Sts"
import * as Imds from "@effect-alicloud/credentials/unstable/Imds"
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Proxy from "@effect-alicloud/credentials/unstable/Proxy"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Transport from "@effect-alicloud/credentials/unstable/Transport"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as messages from "../../messages/doctor.ts"
import { misconfigured } from "../../messages/fixes.ts"
import type { Probed, Problem } from "../probe.ts"
import { probe } from "../probe.ts"
import type { Finding } from "./Finding.ts"

const minute = 60_000

const clockFinding = (subject: string, off: messages.ClockOff): Finding => {
  const about = { check: "clock", subject } as const
  const minutes = Math.abs(off.aheadMillis) / minute
  return minutes > 15
    ? { ...about, level: "error", message: messages.clockError(off), fix: messages.setClock }
    : minutes > 5
    ? { ...about, level: "warning", message: messages.clockWarning(off), fix: messages.setClock }
    : { ...about, level: "ok", message: messages.clockRight(off) }
}

const clock = (subject: string, probed: Probed): Finding => {
  const aheadMillis = probed._tag === "Answered" ? probed.clockAheadMillis : undefined
  return aheadMillis === undefined
    ? { check: "clock", subject, level: "info", message: messages.clockUnknown }
    : clockFinding(subject, { aheadMillis, service: "STS" })
}

/**
 * Runs `self`, and finds out what the clock of the last server that it gets an answer from says. A server on this
 * machine has the same clock.
 */
export const watchClock = <A, E, R>(
  self: Effect.Effect<A, E, R>
): Effect.Effect<readonly [A, Finding | undefined], E, R | HttpClient.HttpClient> =>
  Effect.gen(function*() {
    let finding: Finding | undefined
    const client = HttpClient.tap(yield* HttpClient.HttpClient, ({ headers, request }) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const subject = Text.origin(request.url)
        const date = isLoopback(subject.replace(/^.*:\/\//, "")) ? undefined : Transport.dateOf(headers)
        finding = date === undefined
          ? finding
          : clockFinding(subject, { aheadMillis: now - date, service: "this server" })
      }))
    const found = yield* Effect.provideService(self, HttpClient.HttpClient, client)
    return [found, finding] as const
  })

/** The findings of `sts`. Where it does not know the clock, `clock` is the finding about it. */
export const withClock = (findings: ReadonlyArray<Finding>, clock: Finding | undefined): ReadonlyArray<Finding> =>
  findings.map((finding) => finding.check === "clock" && finding.level === "info" ? clock ?? finding : finding)

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
      fix: misconfigured(url.left.location, url.left.issues)
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
