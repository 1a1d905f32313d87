/**
 * Tells a signal to this process alone from one to its whole group of processes, as Ctrl-C is: Node.js does not say who
 * sent it, and `child.ts` must send on the one but not the other. The witness is a program in the same group that a
 * signal ends, and that answers each byte with the same byte while it lives.
 */
import type { ChildProcess } from "node:child_process"
import { spawn } from "node:child_process"

export interface Witness {
  /** Says whether the signal that has just arrived was sent to the group. */
  readonly ask: (signal: NodeJS.Signals, answer: (isForGroup: boolean) => void) => void
  readonly stop: () => void
}

interface Question {
  readonly signal: NodeJS.Signals
  readonly answer: (isForGroup: boolean) => void
}

/** Dies of SIGQUIT without a core dump. It ends with this process, because then its input does. */
const start = (): ChildProcess =>
  spawn("/bin/sh", ["-c", "ulimit -c 0; exec cat"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { PATH: process.env["PATH"] }
  })

/** Where there is no such program, every signal counts as one to the group. */
export const make = (): Witness => {
  let isStopped = false
  let questions: ReadonlyArray<Question> = []

  const ask = (question: Question): void => {
    if (isStopped) {
      return question.answer(true)
    }
    questions = [...questions, question]
    current.stdin?.write("?")
  }

  const giveUp = (): void => {
    isStopped = true
    for (const { answer } of questions) {
      answer(true)
    }
  }

  /** Its death tells of one signal. The next witness is asked about the others. */
  const replace = (signal: NodeJS.Signals): void => {
    const told = questions.find((question) => question.signal === signal)
    const others = questions.filter((question) => question !== told)
    questions = []
    current = watch(start())
    told?.answer(true)
    others.forEach(ask)
  }

  const watch = (witness: ChildProcess): ChildProcess => {
    witness.stdin?.on("error", () => undefined)
    witness.stdout?.on("data", (bytes: Buffer) => {
      const alive = questions.slice(0, bytes.length)
      questions = questions.slice(bytes.length)
      for (const { answer } of alive) {
        answer(false)
      }
    })
    witness.on("error", giveUp)
    witness.on("close", (_, signal) => signal === null || isStopped ? giveUp() : replace(signal))
    return witness
  }

  let current = watch(start())
  return {
    ask: (signal, answer) => ask({ signal, answer }),
    stop: () => {
      isStopped = true
      current.kill("SIGKILL")
    }
  }
}
