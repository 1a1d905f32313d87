/** Identifies processes, so that `NodePlatform` can tell whether the owner of a lock file still runs. */
import type { LockOwner } from "@effect-alicloud/credentials/Platform"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Process from "node:process"

/** A process: the host and its boot, the namespace that numbers the process, its number, and when it started. */
const Owner = Schema.parseJson(Schema.Tuple(
  Schema.String,
  Schema.String,
  Schema.String,
  Schema.Int.pipe(Schema.positive()),
  Schema.String
))

const decode = ParseResult.decodeUnknownOption(Owner)

const textOf = (read: () => string): string =>
  Option.getOrElse(Option.map(Option.liftThrowable(read)(), (text) => text.trim()), () => "")

/**
 * The start of a process in clock ticks on Linux: the twentieth field after the name in parentheses. Unknown if `/proc`
 * numbers processes differently from this process.
 */
const startOf = (pid: number): string =>
  textOf(() => {
    if (Fs.readlinkSync("/proc/self") !== String(Process.pid)) return ""
    const stat = Fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  })

const isGone = (pid: number): boolean => {
  try {
    Process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH"
  }
}

/**
 * This process as the owner of locks. Another one is dead when it was started on this host, since its last boot and in
 * this process namespace, and its number is not in use, or is in use by a process that started at another time.
 */
export const make = (): LockOwner["Type"] => {
  const host = textOf(() => Os.hostname())
  const boot = textOf(() => Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))
  const namespace = textOf(() => Fs.readlinkSync("/proc/self/ns/pid"))
  // Hosts and containers may share a name. Without the other two, process numbers of Linux cannot be compared.
  const comparable = Process.platform !== "linux" || (boot !== "" && namespace !== "")
  return {
    id: JSON.stringify([host, boot, namespace, Process.pid, startOf(Process.pid)]),
    isDead: (id) =>
      Effect.sync(() => {
        const owner = Option.getOrUndefined(decode(id))
        if (!comparable || owner === undefined) return false
        const [theirHost, theirBoot, theirNamespace, pid, start] = owner
        if (theirHost !== host || theirBoot !== boot || theirNamespace !== namespace) return false
        if (isGone(pid)) return true
        const current = startOf(pid)
        return start !== "" && current !== "" && current !== start
      })
  }
}
