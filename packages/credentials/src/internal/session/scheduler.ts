/**
 * Starts the background refreshes of all sessions of a provider, or of a `RamRoleArns`, when they are due.
 *
 * Invariants:
 * - A task is in `waiting`, in `due`, or in neither.
 * - There is one timer, for the first that waits, or for the moment at which the next that is due may start. It never
 *   fires later than that; one that fires too early does no harm.
 * - Of the tasks that are due, the one that ends first is started first, at most `perSecond` in any second.
 * - A clock that is set back postpones nothing: no moment is further ahead than it was when the clock was last looked at.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { Heap, type Slotted } from "./heap.ts"

/** Work that is done in the background, again and again. Only the scheduler writes `at`. */
export interface Task extends Slotted {
  /** When it is or was to be started; `Infinity` for never. */
  at: number
  /** When the value ends that it replaces. */
  readonly endsAt: () => number
  /** When a task that is due is to be started: now, later, or never, when there is no need for it any more. */
  readonly wantedAt: (now: number) => number
  readonly start: () => void
}

export interface Scheduler {
  /** Starts the task at that moment, in place of any other that was set for it. */
  readonly schedule: (task: Task, at: number) => void
  /** Starts the task now, or when its turn comes. */
  readonly hasten: (task: Task, now: number) => void
}

export const make = (options: {
  readonly clock: Clock.Clock
  readonly sleepUntil: (until: number) => Effect.Effect<void>
  readonly fork: (effect: Effect.Effect<void>) => Fiber.RuntimeFiber<void>
  /** How many tasks are started in any second; `Infinity` for as many as are due. */
  readonly perSecond: number
  /** Called with how many tasks are due and have not been started. */
  readonly onBacklog?: ((count: number) => void) | undefined
}): Scheduler => {
  // Rounded up to a fraction that adds up exactly: rather a little slower than faster.
  const pause = Math.ceil(1000 / options.perSecond * 1024) / 1024
  const waiting = new Heap<Task>((task) => task.at)
  const due = new Heap<Task>((task) => task.endsAt())
  let alarm: { readonly at: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined
  /** Nothing more is started before the millisecond in which this moment lies. */
  let freeAt = -Infinity
  /** What the clock showed, or must have shown, when it was last looked at. */
  let seen = -Infinity

  const dropAlarm = (): void => {
    alarm?.fiber.unsafeInterruptAsFork(FiberId.none)
    alarm = undefined
  }

  /** When the clock was set back, all moments move back with it. */
  const look = (now: number): void => {
    if (now < seen) {
      const by = seen - now
      waiting.forEach((task) => {
        task.at -= by
      })
      freeAt -= by
      dropAlarm()
    }
    seen = now
  }

  const run = (now: number): void => {
    look(now)
    for (let task = waiting.first(); task !== undefined && task.at <= now; task = waiting.first()) {
      waiting.remove(task)
      due.add(task)
    }
    for (let task = due.first(); task !== undefined; task = due.first()) {
      const at = task.wantedAt(now)
      if (at <= now && Math.floor(freeAt) > now) {
        break
      }
      due.remove(task)
      if (at <= now) {
        freeAt = Math.max(freeAt, now) + pause
        task.start()
      } else if (at !== Infinity) {
        task.at = at
        waiting.add(task)
      }
    }
    options.onBacklog?.(due.size())
    setAlarm(now)
  }

  const setAlarm = (now: number): void => {
    const at = due.first() === undefined ? waiting.first()?.at ?? Infinity : Math.floor(freeAt)
    // A timer that should have fired may be stuck: after a sleep of the machine, or when the clock was set forward.
    if (alarm !== undefined && (at < alarm.at || at === Infinity || alarm.at <= now)) {
      dropAlarm()
    }
    if (alarm === undefined && at !== Infinity) {
      const set = {
        at,
        fiber: options.fork(Effect.zipRight(
          options.sleepUntil(at),
          Effect.sync(() => {
            if (alarm === set) {
              alarm = undefined
              seen = Math.max(seen, set.at)
              run(options.clock.unsafeCurrentTimeMillis())
            }
          })
        ))
      }
      alarm = set
    }
  }

  return {
    schedule: (task, at) => {
      const now = options.clock.unsafeCurrentTimeMillis()
      look(now)
      waiting.remove(task)
      due.remove(task)
      task.at = at
      if (at !== Infinity) {
        waiting.add(task)
      }
      setAlarm(now)
    },
    hasten: (task, now) => {
      if (!due.has(task)) {
        waiting.remove(task)
        task.at = now
        due.add(task)
        run(now)
      }
    }
  }
}
