import { strictEqual } from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { readMoment, type Moment, type ReadableStore } from './moment.ts'
import { privateMark } from './samples.ts'
import type { StoreFiles } from './source.ts'

/** Opens the file as a controller would. */
export type Open = (path: string) => ReadableStore | Promise<ReadableStore>

/** What came of opening a copy and reading all of it: an error of the store with a code, or what it shows. */
export type Reading = { readonly code: string } | { readonly moment: Moment; readonly sound: boolean }

/** Longer than the busy timeout: what takes more hangs. */
const patienceMs = 20_000

/**
 * Lays out a copy's files in a new folder and reads it through a store. Rejects for what must never come: an error without
 * a code, or a hang.
 */
export async function readCopy(folder: string, files: StoreFiles, open: Open): Promise<Reading> {
  await mkdir(folder)
  const path = join(folder, 'store.db')
  const { main, wal, shm } = files
  await writeFile(path, main)
  if (wal !== undefined) await writeFile(`${path}-wal`, wal)
  if (shm !== undefined) await writeFile(`${path}-shm`, shm)
  const read = await unlessItHangs(readAll(path, open))
  const reading = 'code' in read ? read : { moment: read, sound: isSound(path) }
  await rm(folder, { recursive: true })
  return reading
}

export function isSame(one: Moment, other: Moment): boolean {
  return isDeepStrictEqual(one, other)
}

async function readAll(path: string, open: Open): Promise<Moment | { readonly code: string }> {
  let store: ReadableStore | undefined
  try {
    store = await open(path)
    const moment = await readMoment(store)
    await store.close()
    return moment
  } catch (error) {
    await store?.close().catch(codeOf)
    return { code: codeOf(error) }
  }
}

/** @throws what is no error of the store, or tells of what is kept in it */
function codeOf(error: unknown): string {
  const { code, name, message } = error as Error & { code?: string }
  if (name !== 'StoreError' || code?.startsWith('store_') !== true) throw error
  strictEqual(message.includes(privateMark), false, `An error's message tells what is kept: ${message}`)
  return code
}

async function unlessItHangs<Value>(work: Promise<Value>): Promise<Value> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`Nothing came within ${patienceMs} ms`)), patienceMs)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

function isSound(path: string): boolean {
  const db = new DatabaseSync(path)
  try {
    return db.prepare('PRAGMA integrity_check').get()?.['integrity_check'] === 'ok'
  } catch {
    return false
  } finally {
    db.close()
  }
}
