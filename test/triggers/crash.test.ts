import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../stores/temporary.ts'
import { jsonOf, post } from './platform.ts'

const program = fileURLToPath(new URL('crash-process.ts', import.meta.url))

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

describe('a platform that is killed', () => {
  it('has what it was starting started again by the next one, for the same call', async () => {
    const folder = await temporaryFolder()
    onTestFinished(() => folder[Symbol.asyncDispose]())
    const [path, log] = [folder.file('store.db'), folder.file('started')]
    const first = start(path, log, 'hangs')
    const [line] = (await once(first.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    const { deployment, call } = await jsonOf(await post(line.toString().trim()))
    const lines = async (): Promise<readonly string[]> =>
      (await readFile(log, 'utf8').catch(() => '')).split('\n').filter((each) => each !== '')
    await expect.poll(lines).toHaveLength(1)
    first.kill('SIGKILL')

    start(path, log)

    await expect.poll(lines).toHaveLength(2)
    const { id } = deployment as { id: string }
    expect(await lines()).toEqual([`${String(call)} ${id}`, `${String(call)} ${id}`])
  })
})
