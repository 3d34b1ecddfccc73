import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ProgramOrder {
  readonly id: number
  /** Its path. */
  readonly file: string
  readonly env: Readonly<Record<string, string>>
}

export interface ProgramAnswer {
  readonly id: number
  readonly output: string
  /** Why it failed. */
  readonly error?: string
}

/** Runs programs in one process, one after another. */
export interface ProgramRunner extends AsyncDisposable {
  /** What a program prints. Rejects when it fails. */
  outputOf(file: string, env: Readonly<Record<string, string>>): Promise<string>
}

export function startProgramRunner(): ProgramRunner {
  const child = fork(fileURLToPath(new URL('program-process.ts', import.meta.url)), [], {
    execArgv: [], // not those of a test runner
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  let programs = 0
  return {
    async outputOf(file, env) {
      const order: ProgramOrder = { id: (programs += 1), file, env }
      child.send(order)
      const ended = exited.then(() => {
        throw new Error(`Expected ${file} to end alone, got the end of the process that runs it`)
      })
      const [{ output, error }] = (await Promise.race([once(child, 'message'), ended])) as [ProgramAnswer]
      if (error !== undefined) throw new Error(`${file}: ${error}`)
      return output
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
