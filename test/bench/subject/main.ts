import * as Fs from "node:fs"
import { createInterface } from "node:readline"
import { heap } from "./heap.ts"
import { herd } from "./herd.ts"
import { nothing } from "./nothing.ts"
import { opening } from "./opening.ts"
import { outage } from "./outage.ts"
import { paced } from "./paced.ts"
import { reads } from "./reads.ts"
import { refresh } from "./refresh.ts"

/** A process in which both clients do what they are told, line by line. */

const tasks = { heap, herd, nothing, opening, outage, paced, reads, refresh }

export type Task = keyof typeof tasks

/** What each task is given and what it answers. */
export type Answers = {
  readonly [A in Task]: {
    readonly params: Parameters<typeof tasks[A]>[0]
    readonly answer: Awaited<ReturnType<typeof tasks[A]>>
  }
}

interface Command {
  readonly task: Task
  readonly params: never
}

const run = async (line: string): Promise<object> => {
  try {
    const { params, task } = JSON.parse(line) as Command
    return { answer: await tasks[task](params) }
  } catch (error) {
    return { error: error instanceof Error ? error.stack ?? error.message : String(error) }
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  void run(line).then((reply) => Fs.writeSync(1, `${JSON.stringify(reply)}\n`))
})
