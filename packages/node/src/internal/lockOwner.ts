/** Identifies threads of processes, so that `NodePlatform` can tell whether the owner of a lock file still runs. */
import type { LockOwner } from "@effect-alicloud/credentials/Platform"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Process from "node:process"
import * as WorkerThreads from "node:worker_threads"

/**
 * A thread: the host and its boot, the namespace that numbers the process, the numbers of the process and of the thread,
 * and when the thread started.
 */
const Owner = Schema.parseJson(Schema.Tuple(
  Schema.String,
  Schema.String,
  Schema.String,
  Schema.Int.pipe(Schema.positive()),
  Schema.NonNegativeInt,
  Schema.String
))

const decode = ParseResult.decodeUnknownOption(Owner)

const textOf = (read: () => string): string =>
  Option.getOrElse(Option.map(Option.liftThrowable(read)(), (text) => text.trim()), () => "")

/** The start of a thread, in clock ticks: the twentieth field after the name in parentheses. Linux only. */
const startOf = (pid: number, thread: number): string => {
  const stat = textOf(() => Fs.readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8"))
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
}

/** The number of this thread for the system; where that is not known, its number in this process. */
const ownThread = (): number =>
  Number(/^\d+\/task\/(\d+)$/.exec(textOf(() => Fs.readlinkSync("/proc/thread-self")))?.[1] ?? WorkerThreads.threadId)

const isGone = (pid: number): boolean => {
  try {
    Process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH"
  }
}

/**
 * This thread as the owner of locks. Another one is dead when it was started on this host, since its last boot and in
 * this process namespace, and its process, or on Linux the thread, has ended, or another one has its number.
 */
export const make = (): LockOwner["Type"] => {
  const host = textOf(() => Os.hostname())
  const boot = textOf(() => Fs.readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))
  const namespace = textOf(() => Fs.readlinkSync("/proc/self/ns/pid"))
  // Hosts and containers may share a name. Without the other two, process numbers of Linux cannot be compared.
  const comparable = Process.platform !== "linux" || (boot !== "" && namespace !== "")
  // `/proc` may number processes differently from this process.
  const threadsAreKnown = textOf(() => Fs.readlinkSync("/proc/self")) === String(Process.pid)
  const thread = ownThread()
  const start = threadsAreKnown ? startOf(Process.pid, thread) : ""
  return {
    id: JSON.stringify([host, boot, namespace, Process.pid, thread, start]),
    isDead: (id) =>
      Effect.sync(() => {
        const owner = Option.getOrUndefined(decode(id))
        if (!comparable || owner === undefined) return false
        const [theirHost, theirBoot, theirNamespace, pid, theirThread, theirStart] = owner
        if (theirHost !== host || theirBoot !== boot || theirNamespace !== namespace) return false
        if (isGone(pid)) return true
        // The processes of other users may be hidden.
        const isVisible = threadsAreKnown && startOf(pid, pid) !== ""
        return isVisible && theirStart !== "" && startOf(pid, theirThread) !== theirStart
      })
  }
}
