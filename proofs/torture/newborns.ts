import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { Acks } from './acks.ts'
import { Arena } from './arena.ts'
import { checkEndings } from './checks/endings.ts'
import type { KillOptions } from './one-controller.ts'
import type { Plan } from './plan.ts'
import { joined, violationOf, type Report } from '../shared/report.ts'
import { faultsOf, leasesIn, lockFilesOf, readDeliveries } from './store-file.ts'

type Files = Pick<Plan, 'store' | 'acks'>

export type NewbornOptions = Pick<KillOptions, 'kills' | 'chance' | 'limits'>

/** Kills controllers while they make a file, migrate it and commit for the first time. Each has a file of its own. */
export async function killNewborns({ kills, chance, limits }: NewbornOptions): Promise<Report> {
  await using arena = await Arena.open(limits)
  const openMs = await timeToOpen(arena)
  const faults: string[] = []
  for (let kill = 1; kill <= kills; kill += 1) {
    const files = filesIn(arena, kill)
    const life = arena.start({ ...files, releases: 20 })
    await sleep(openMs * 0.8 + chance.below(openMs * 0.2 + 250))
    await life.kill()
    faults.push(...(await faultsAfter(files)))
  }
  const lives = new Map(arena.lives.map((life) => [life.plan.life, life]))
  const violations = violationOf(faults, 'Files that were killed at birth are not as they should be')
  const figures = { 'files with faults': faults.length }
  return { title: 'newborn, killed', ...joined([checkEndings({ lives }, limits), { figures, violations }]) }
}

async function timeToOpen(arena: Arena): Promise<number> {
  const life = arena.start({ ...filesIn(arena, 0), drain: true })
  await life.until('opened')
  const openMs = Date.now() - life.spawnedAt
  await life.ended
  return openMs
}

function filesIn({ folder }: Arena, number: number): Files {
  return { store: join(folder, `newborn-${number}.db`), acks: join(folder, `newborn-${number}.acks`) }
}

/** The library opens and closes the file, and SQLite and the acknowledgements tell whether all of it is there. */
async function faultsAfter({ store: path, acks: acksPath }: Files): Promise<readonly string[]> {
  await using store = sqliteStore({ path })
  await store.counts()
  await store.close()
  const acks = new Acks(acksPath)
  const acked = acks.read()
  acks.close()
  const stored = readDeliveries(path)
  const { leased, owners } = leasesIn(path)
  return [
    ...faultsOf(path),
    ...[...acked]
      .filter((id) => !stored.has(id))
      .map((id) => `${id} was acknowledged and is not in the file`),
    ...(leased + owners > 0 ? [`${leased} leases and ${owners} owners are left`] : []),
    ...lockFilesOf(path).map((file) => `${file} is left`),
  ]
}
