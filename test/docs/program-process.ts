/* Runs programs one after another, each until nothing is left for it to do. A process for each would load the packages anew, which takes longer than most programs do. */
import type { ProgramAnswer, ProgramOrder } from './program-runner.ts'

const environment = { ...process.env }
let running: { readonly id: number; output: string; error?: string } | undefined
let isDone = false

process.stdout.write = (chunk: Uint8Array | string): boolean => {
  if (running !== undefined) running.output += Buffer.from(chunk as string).toString()
  return true
}

process.on('message', ({ id, file, env }: ProgramOrder) => {
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment, env)
  running = { id, output: '' }
  isDone = false
  process.channel?.unref() // it is no work of the program's
  import(`${file}?run=${id}`).then(
    () => (isDone = true),
    (error: unknown) => fail(error),
  )
})
process.on('uncaughtException', fail)

process.on('beforeExit', () => {
  if (running === undefined) return
  if (!isDone) running.error ??= 'Expected the program to end, got one that waits for nothing'
  const answer: ProgramAnswer = running
  running = undefined
  process.channel?.ref()
  process.send?.(answer)
})

function fail(error: unknown): void {
  if (running !== undefined) running.error ??= error instanceof Error ? String(error.stack) : String(error)
}
