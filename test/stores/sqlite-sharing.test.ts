import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { claimIn, idsIn, inProcess, locksIn, newDelivery, onLinux, open, recordIn } from './sqlite-fixture.ts'
import { temporaryFolder } from './temporary.ts'

/** As if processes with these lock files had used the store. */
function addOwners(path: string, ...names: readonly string[]): void {
  const db = new DatabaseSync(path)
  for (const name of names) db.prepare('INSERT INTO owners (lock) VALUES (?)').run(name)
  db.close()
}

describe('the lock files beside it', () => {
  it('are one for each store, and gone when it is closed', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const stores = [open(path), open(path)]
    for (const store of stores) await store.counts()
    expect(await locksIn(folder.path)).toHaveLength(2)
    for (const store of stores) await store.close()
    expect(await readdir(folder.path)).toEqual(['store.db'])
  })

  it('are gone when it is closed in the turn in which it was first used', async () => {
    await using folder = await temporaryFolder()
    const store = open(folder.file('store.db'))
    const recorded = store.record([newDelivery('1')], 9)
    await store.close()
    expect(await recorded).toMatchObject([{ fresh: true }])
    expect(await readdir(folder.path)).toEqual(['store.db'])
  })

  it('are gone after the next opening when a process was killed, and so are its leases', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await inProcess(`${recordIn(path, '1')} process.kill(process.pid, 'SIGKILL')`).catch(() => undefined)
    const [left] = await locksIn(folder.path)
    expect(left).toBeDefined()
    const store = open(path)
    expect(await claimIn(store)).toMatchObject([{ delivery: { id: '1' } }])
    expect(await locksIn(folder.path)).not.toContain(left)
    await store.close()
    expect(await readdir(folder.path)).toEqual(['store.db'])
  })

  it('are found by one who opens the file through a link', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.file('elsewhere'))
    await symlink(folder.file('store.db'), folder.file('elsewhere/link.db'))
    const store = open(folder.file('store.db'))
    await store.record([newDelivery('1')], 9e12)
    expect(await claimIn(open(folder.file('elsewhere/link.db')))).toEqual([])
  })

  it('are never looked for in another folder, whatever the file says', async () => {
    await using folder = await temporaryFolder()
    await mkdir(folder.file('inside'))
    const path = folder.file('inside/store.db')
    await open(path).close()
    await writeFile(folder.file('victim'), '')
    addOwners(path, '../victim', '')
    expect(await idsIn(open(path))).toEqual([])
    expect(await readdir(folder.path)).toContain('victim')
  })

  it('keep nobody from the store when they are no longer lock files', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await open(path).close()
    await writeFile(folder.file('store.db-owner-1'), 'neither a lock nor a database'.repeat(100))
    addOwners(path, 'store.db-owner-1')
    expect(await idsIn(open(path))).toEqual([])
  })
})

describe('two stores on one file in one process', () => {
  it('see what each other writes, before and after one of them is closed', async () => {
    await using folder = await temporaryFolder()
    const [one, other] = [open(folder.file('store.db')), open(folder.file('store.db'))]
    await one.record([newDelivery('1')], 9)
    await other.record([newDelivery('2')], 9)
    expect(await idsIn(one)).toEqual(['1', '2'])
    await other.close()
    await one.record([newDelivery('3')], 9)
    expect(await idsIn(open(folder.file('store.db')))).toEqual(['1', '2', '3'])
  })

  it('lose nothing to another process that comes and goes', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    const one = open(path)
    await one.record([newDelivery('1')], 9)
    const other = open(path)
    await inProcess(`${recordIn(path, '2')} await store.close()`)
    await one.record([newDelivery('3')], 9)
    await other.record([newDelivery('4')], 9)
    expect(await idsIn(one)).toEqual(['1', '2', '3', '4'])
    expect(await inProcess(`${recordIn(path, '5')} console.log((await store.counts())[0].count)`)).toBe('5')
  })

  it.runIf(onLinux)('keep the lock that keeps other processes from deleting the WAL', async () => {
    await using folder = await temporaryFolder()
    const path = folder.file('store.db')
    await open(path).counts()
    const { ino } = await stat(path)
    const locks = async (): Promise<boolean> =>
      (await readFile('/proc/locks', 'utf8')).includes(`${process.pid} `) &&
      (await readFile('/proc/locks', 'utf8')).includes(`:${ino} `)
    expect(await locks()).toBe(true)
    await open(path).counts()
    expect(await locks()).toBe(true)
  })
})
