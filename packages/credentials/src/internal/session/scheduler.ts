import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { Heap, type Slotted } from "./heap.ts"

/** Work that is done in the background, again and again. Only the scheduler writes `at`. */
export interface Task extends Slotted {
  /** When it is or was to be started; `Infinity` for never. */
  at: number
  /** When what it is to replace ends: of those that are due the first to end is started first. */
  readonly endsAt: () => number
  /** Asked when it is due: whether it is to be started. One that is not is forgotten, unless it is scheduled anew. */
  readonly isWanted: (now: number) => boolean
  readonly start: () => void
}

/** Starts any number of tasks when they are due, with one timer for all. */
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
}): Scheduler => {
  // Rounded up to a fraction that adds up exactly: rather a little slower than faster.
  const pause = Math.ceil(1000 / options.perSecond * 1024) / 1024
  const waiting = new Heap<Task>((task) => task.at)
  const due = new Heap<Task>((task) => task.endsAt())
  let alarm: { readonly at: number; readonly fiber: Fiber.RuntimeFiber<void> } | undefined
  /** Nothing more is started before the millisecond in which this moment lies. */
  let freeAt = 0

  const run = (now: number): void => {
    for (let task = waiting.first(); task !== undefined && task.at <= now; task = waiting.first()) {
      waiting.remove(task)
      due.add(task)
    }
    // A clock that was set back must not stop everything until it has caught up.
    freeAt = Math.min(freeAt, now + pause)
    for (let task = due.first(); task !== undefined; task = due.first()) {
      const wanted = task.isWanted(now)
      if (wanted && Math.floor(freeAt) > now) {
        break
      }
      due.remove(task)
      if (wanted) {
        freeAt = Math.max(freeAt, now) + pause
        task.start()
      }
    }
    setAlarm()
  }

  /** Sees to it that the timer fires no later than it has to. One that fires too early does no harm. */
  const setAlarm = (): void => {
    const at = due.first() === undefined ? waiting.first()?.at ?? Infinity : Math.floor(freeAt)
    if (alarm !== undefined && (at < alarm.at || at === Infinity)) {
      alarm.fiber.unsafeInterruptAsFork(FiberId.none)
      alarm = undefined
    }
    if (alarm === undefined && at !== Infinity) {
      const set = {
        at,
        fiber: options.fork(Effect.zipRight(
          options.sleepUntil(at),
          Effect.sync(() => {
            if (alarm === set) {
              alarm = undefined
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
      waiting.remove(task)
      due.remove(task)
      task.at = at
      if (at !== Infinity) {
        waiting.add(task)
      }
      setAlarm()
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
