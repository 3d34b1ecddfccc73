import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Claim, NewDelivery, Store } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'

const run = promisify(execFile)
const source = new URL('../../src/stores/sqlite/index.ts', import.meta.url)
const nobody = 65_534

/** Of every release here: no message of an error may hold it. */
export const summary = 'a summary that no message holds'

export const onLinux: boolean = process.platform === 'linux'

export function newDelivery(id: string): NewDelivery {
  return { id, hookId: 'a', release: { app: 'web', version: 'v1', user: 'u', summary }, recordedAt: 0 }
}

/** A store that is closed when the test ends. */
export function open(path: string): Store {
  const store = sqliteStore({ path })
  onTestFinished(() => store.close())
  return store
}

export async function idsIn(store: Pick<Store, 'list'>): Promise<readonly string[]> {
  const { deliveries } = await store.list({}, { limit: 1000 })
  return deliveries.map(({ id }) => id)
}

/** Claims what is due, for long. */
export function claimIn(store: Store): Promise<readonly Claim[]> {
  return store.claim({ hooks: new Map([['a', 9]]), now: 1, until: 9e12 })
}

export async function locksIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.includes('-owner-'))
}

/** Runs a module that finds `sqliteStore` in a process of its own. @returns what it printed */
export async function inProcess(
  code: string,
  { uid, gid }: { uid?: number; gid?: number } = {},
): Promise<string> {
  // Once it is loaded: these files may lie where only root may go.
  const become =
    uid === undefined ? '' : `process.setgroups([]); process.setgid(${gid}); process.setuid(${uid});`
  const text = `import { sqliteStore } from ${JSON.stringify(source.href)}; ${become} ${code}`
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', text]
  const { stdout } = await run(process.execPath, args)
  return stdout.trim()
}

/** As a user whom file modes hold back: they do not hold root back. */
export function unprivileged(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
}

/** A module that records a delivery in a store, and holds its lease. */
export function recordIn(path: string, id: string): string {
  return `
    const store = sqliteStore({ path: ${JSON.stringify(path)} })
    await store.record([${JSON.stringify(newDelivery(id))}], 9e12)
  `
}
