import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { violationOf, type Figures, type Finding } from '../../shared/report.ts'
import { checkFile, type FileCheck } from './file-check.ts'
import { suffer, type News } from './suffering.ts'

/** System calls of the store's thread that fail. */
export interface Fault {
  readonly name: string
  /** For `strace`: which calls, how they fail, and when, counted from the thread's first. */
  readonly inject: string
  readonly code: 'store_io' | 'store_full'
  readonly dispatches: number
  /** At which rejected dispatch it is killed. Absent: when all is settled. */
  readonly killAtRejection?: number
}

const sync = 'fsync,fdatasync:error=EIO'
const write = (error: string): string => `pwrite64:error=${error}`

/** One of each, the first call that fails chosen by chance. */
export function faultsBy(chance: Chance): readonly Fault[] {
  const [firstSync, firstWrite] = [chance.between(20, 60), chance.between(200, 700)]
  const io = { code: 'store_io', dispatches: 120 } as const
  const [aSync, aWrite] = [`when=${firstSync}..${firstSync + 19}`, `when=${firstWrite}..${firstWrite + 19}`]
  return [
    { ...io, name: '20 syncs fail', inject: `${sync}:${aSync}` },
    { ...io, name: 'every 40th sync fails', inject: `${sync}:when=${firstSync}+40`, dispatches: 1500 },
    { ...io, name: 'syncs fail until a kill', inject: `${sync}:when=${firstSync}+`, killAtRejection: 3 },
    { ...io, name: '20 writes fail', inject: `${write('EIO')}:${aWrite}` },
    {
      ...io,
      name: 'writes fail until a kill',
      inject: `${write('EIO')}:when=${firstWrite}+`,
      killAtRejection: 3,
    },
    { ...io, name: '20 writes find no space', inject: `${write('ENOSPC')}:${aWrite}`, code: 'store_full' },
  ]
}

/** Why faults cannot be injected here, if they cannot. */
export function whyNotInjected(): string | undefined {
  const args = ['-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', 'trace=fsync', 'true']
  const { error, status, stderr } = spawnSync('strace', args, { encoding: 'utf8' })
  if (error !== undefined) return `strace does not start (${error.message})`
  return status === 0 ? undefined : `strace may not trace (${stderr.trim()})`
}

/** Lets system calls of a controller's store fail, and compares what it was told with what is in the file when it was killed. */
export async function injectFault(fault: Fault): Promise<Finding> {
  const { name, inject, dispatches, killAtRejection } = fault
  const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-faults-'))
  try {
    const path = join(folder, 'store.db')
    const killAt = (news: News, all: readonly News[]): boolean =>
      killAtRejection === undefined
        ? news.kind === 'settled'
        : news.kind === 'rejected' && rejectedIn(all).length === killAtRejection
    const said = await suffer({ path, dispatches, pauseMs: 1, inject, killAt })
    const check = await checkFile(path, versionsIn(said))
    return {
      figures: figuresOf(said, check),
      violations: violationsOf(fault, said, check).map((text) => `${name}: ${text}`),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function figuresOf(said: readonly News[], { missing, others, isSound }: FileCheck): Figures {
  return {
    'dispatches acknowledged': versionsIn(said).length,
    'dispatches rejected': rejectedIn(said).length,
    'settlements put off': said.filter((news) => news.kind === 'complaint' && putOff.test(news.message))
      .length,
    'acknowledged, not in the file': missing.length,
    'rejected, in the file': others.length,
    'integrity faults': isSound ? 0 : 1,
  }
}

const putOff = /^An attempt could not be recorded yet/u

function violationsOf(fault: Fault, said: readonly News[], check: FileCheck): readonly string[] {
  const codes = new Set(rejectedIn(said).map(({ code }) => code))
  const last = said.findLastIndex(({ kind }) => kind === 'rejected')
  const wentOn = said.slice(last).some(({ kind }) => kind === 'acknowledged')
  const isKilled = fault.killAtRejection !== undefined
  return [
    ...violationOf(check.missing, 'acknowledged, and not in the file'),
    ...(check.isSound ? [] : ['the file fails its integrity check']),
    ...(codes.size === 1 && codes.has(fault.code) ? [] : [`rejected with ${[...codes].join(', ')}`]),
    ...(isKilled || wentOn ? [] : ['nothing was acknowledged after the fault']),
    ...(isKilled || said.at(-1)?.kind === 'settled' ? [] : ['it did not settle what it had acknowledged']),
    ...(isKilled ? [] : violationOf(check.unsettled, 'not settled')),
  ]
}

type Rejected = News & { readonly kind: 'rejected' }

function rejectedIn(said: readonly News[]): readonly Rejected[] {
  return said.filter((news) => news.kind === 'rejected')
}

function versionsIn(said: readonly News[]): readonly number[] {
  return said.flatMap((news) => (news.kind === 'acknowledged' ? [news.version] : []))
}
