import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { query } from './postgres-fixture.ts'
import { startPostgres } from './postgres-server.ts'
import { temporaryFolder } from './temporary.ts'

const user = fileURLToPath(new URL('postgres-user-process.ts', import.meta.url))

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a PostgreSQL server of the tests', () => {
  it.each([
    ['SIGINT', null],
    ['SIGTERM', null],
    ['SIGKILL', null],
    ['exit', 3],
    ['error', 1],
  ] as const)('ends with whoever started it, and leaves no files behind: %s', async (ending, expected) => {
    await using folder = await temporaryFolder()
    const child = spawn(process.execPath, [user, folder.path, ending], { stdio: ['ignore', 'pipe', 'pipe'] })
    const closed = once(child, 'close') // of the server's process too, which shares its stderr
    const [pid] = (await once(child.stdout, 'data')) as [Buffer]
    if (expected === null) child.kill(ending)
    const [code] = await closed
    expect(code).toBe(expected)
    expect(isRunning(Number(pid))).toBe(false)
    expect(existsSync(folder.path)).toBe(false)
  })

  it('leaves the process that starts it alone: it ends when it will, and with its own exit code', async () => {
    const heard = (): readonly number[] =>
      ['beforeExit', 'exit', 'SIGINT', 'SIGTERM', 'message'].map((event) => process.listenerCount(event))
    const before = heard()
    await using server = await startPostgres()
    expect(server.pid).toBeGreaterThan(0)
    expect(heard()).toEqual(before)
  })

  it('is stopped, as after a crash or with all that is written, and started again', async () => {
    await using server = await startPostgres({ durable: true })
    const { connectionString, pid } = server
    await query('CREATE TABLE kept (number int); INSERT INTO kept VALUES (1)', connectionString)
    for (const shutdown of ['fast', 'immediate'] as const) {
      await server.stop(shutdown)
      expect(() => server.pid).toThrow('it was stopped')
      await expect(query('SELECT 1', connectionString)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await server.start()
      expect((await query('SELECT * FROM kept', connectionString)).rows).toEqual([{ number: 1 }])
    }
    expect(server.pid).not.toBe(pid)
    await server.stop('immediate') // and is stopped already when it ends
  })

  it('tells why it does not start', async () => {
    const error: unknown = await startPostgres({ settings: { shared_buffers: 'none' } }).catch(
      (reason: unknown) => reason,
    )
    expect(String(error)).toContain('invalid value for parameter "shared_buffers"')
  })
})
