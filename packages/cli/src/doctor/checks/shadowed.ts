/** The check of `doctor` for sources that are configured but not used. */
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { attemptsOf } from "@effect-alicloud/credentials/CredentialsError"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { Sources } from "../../internal/sources.ts"
import * as messages from "../../messages/doctor.ts"
import { detailOf } from "../../messages/log.ts"
import { prospects } from "../offline.ts"
import type { Source } from "../Report.ts"
import type { Finding } from "./Finding.ts"

const told = (error: CredentialsError): string => attemptsOf(error).map(detailOf).join("; ")

/** Sources that are configured as well, but not tried because an earlier one is used. The check does not call them either. */
export const check: (sources: ReadonlyArray<Source>) => Effect.Effect<
  ReadonlyArray<Finding>,
  never,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function*(sources) {
  const notAsked = sources.filter(({ status }) => status === "notAsked").map(({ source }) => source)
  if (notAsked.length === 0) {
    return []
  }
  const last = sources.filter(({ status }) => status !== "notAsked").at(-1)
  const variables = (last?.lookedAt ?? []).flatMap((place) =>
    place.kind === "variable" && place.set ? [place.name] : []
  )
  const winner = (yield* Sources).find(({ name }) => name === last?.source)
  const found = yield* prospects(notAsked)
  const next = found.find(({ _tag }) => _tag === "usable")
  return found.map((prospect): Finding => {
    const about = { check: "shadowed", subject: prospect.source } as const
    return prospect._tag === "broken"
      ? { ...about, level: "info", message: messages.shadowedBroken(told(prospect.error)) }
      : {
        ...about,
        level: "info",
        message: last?.status === "won"
          ? messages.shadowed(last.source, winner, variables, prospect === next)
          : messages.behindBroken(last?.source ?? "")
      }
  })
})
