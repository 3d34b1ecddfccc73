import { chmod, stat } from 'node:fs/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { newDelivery, locksIn, open } from './sqlite-fixture.ts'
import { temporaryFolder, type TemporaryFolder } from './temporary.ts'

/** Process warnings from now on, which are not shown. */
function heard(): { readonly messages: readonly string[] } {
  const emit = vi.spyOn(process, 'emitWarning').mockReturnValue()
  onTestFinished(() => emit.mockRestore())
  return {
    get messages() {
      return emit.mock.calls.map(([message]) => String(message))
    },
  }
}

/** A store in a file of this mode, which another process has open too. */
async function opened(folder: TemporaryFolder, name: string, mode: number): Promise<string> {
  const path = folder.file(name)
  await open(path).record([newDelivery('1')], 9)
  await chmod(path, mode)
  return path
}

describe.skipIf(process.platform === 'win32')('a file of an earlier version', () => {
  it.each([0o644, 0o640, 0o606])('that others may read is warned of, with what to do: %o', async (mode) => {
    await using folder = await temporaryFolder()
    const path = await opened(folder, "it's.db", mode)
    const warnings = heard()
    open(path)
    const quoted = path.replace("'", String.raw`'\''`)
    expect(warnings.messages).toEqual([
      `The files of the store are open to others than their owner, and tell who released what: chmod 600 '${quoted}' '${quoted}-wal' '${quoted}-shm'`,
    ])
  })

  it('is warned of by what is beside it, where that alone is open', async () => {
    await using folder = await temporaryFolder()
    const path = await opened(folder, 'store.db', 0o600)
    await chmod(`${path}-wal`, 0o644)
    const warnings = heard()
    open(path)
    expect(warnings.messages).toHaveLength(1)
    expect(warnings.messages[0]).toMatch(/chmod 600 '[^']*store\.db-wal'$/u)
  })

  it('that is its owner’s alone is not warned of, nor is a new one', async () => {
    await using folder = await temporaryFolder()
    const warnings = heard()
    const path = await opened(folder, 'store.db', 0o600)
    open(path)
    expect(warnings.messages).toEqual([])
  })
})

it.skipIf(process.platform === 'win32')(
  'the file that proves a process alive is its owner’s alone',
  async () => {
    await using folder = await temporaryFolder()
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    await open(folder.file('store.db')).record([newDelivery('1')], 9)
    const [lock = ''] = await locksIn(folder.path)
    expect((await stat(folder.file(lock))).mode & 0o777).toBe(0o600)
  },
)
