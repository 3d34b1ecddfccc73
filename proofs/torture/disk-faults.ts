/**
 * Lets the disk fail under a store: full, failing in the midst of commits, and slow. `npm run proofs -- torture/disk-faults --rounds 5`,
 * on Linux: filling a disk mounts a tmpfs, which takes root; the other parts take `strace`.
 */
import { parseArgs } from 'node:util'
import { table } from '../../examples/demo/table.ts'
import { Chance } from '../../src/testing/store/chance.ts'
import { fillDisk } from './disk-faults/full-disk.ts'
import { faultsBy, injectFault, whyNotInjected } from './disk-faults/injected-faults.ts'
import { slowDisk } from './disk-faults/slow-disk.ts'
import { smallDisk } from './disk-faults/small-disk.ts'
import { wholeNumber } from '../shared/argument-values.ts'
import { runParts, say } from '../shared/parts.ts'
import { tableOf, type Figures, type Finding, type Report } from '../shared/report.ts'

export interface DiskFaultsOptions {
  /** How often each fault is let happen. */
  readonly rounds: number
  readonly chance: Chance
  /** Told what is skipped, and why. */
  readonly say: (progress: string) => void
}

const megabytes = 64
const fillsInARound = 5

/** A report for each fault; none for those that cannot be made to happen on this machine. */
export async function diskFaults(options: DiskFaultsOptions): Promise<readonly Report[]> {
  return [...(await fullDisk(options)), ...(await injected(options))]
}

async function fullDisk({ rounds, chance, say }: DiskFaultsOptions): Promise<readonly Report[]> {
  const disk = await smallDisk(megabytes)
  if (typeof disk === 'string') {
    say(`A full disk is skipped: ${disk}`)
    return []
  }
  await using mounted = disk
  const finding = await fillDisk(mounted, rounds * fillsInARound, chance)
  return [{ title: `a disk is full ${rounds * fillsInARound} times`, ...finding }]
}

async function injected({ rounds, chance, say }: DiskFaultsOptions): Promise<readonly Report[]> {
  const why = whyNotInjected()
  if (why !== undefined) {
    say(`Failing and slow disks are skipped: ${why}`)
    return []
  }
  const findings = new Map<string, Finding[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const fault of faultsBy(chance)) {
      const known = findings.get(fault.name) ?? []
      findings.set(fault.name, [...known, await injectFault(fault)])
    }
  }
  const reports = [...findings].map(([title, all]) => ({ title, ...summed(all) }))
  return [...reports, { title: 'slow syncs', ...(await slowDisk()) }]
}

function summed(findings: readonly Finding[]): Finding {
  const sums: Record<string, number> = {}
  for (const { figures } of findings)
    for (const [name, figure] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + figure
  return { figures: sums, violations: findings.flatMap(({ violations }) => violations) }
}

/** A table of those with the same figures as the first one, and further tables of the others. */
function printed(reports: readonly Report[]): string {
  const [first] = reports
  if (first === undefined) return ''
  const namesIn = (figures: Figures): string => Object.keys(figures).join('\n')
  const alike = reports.filter(({ figures }) => namesIn(figures) === namesIn(first.figures))
  const others = reports.filter((report) => !alike.includes(report))
  const rows = alike.map(({ title, figures }) => [
    title,
    ...Object.values(figures).map((figure) => `${figure}`),
  ])
  const own =
    rows.length === 1 ? tableOf(alike) : table([['', ...Object.keys(first.figures)], ...rows]).join('\n')
  return `${own}\n\n${printed(others)}`
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, seed: { type: 'string', default: '1' } },
  })
  const [rounds, seed] = [wholeNumber('rounds', values.rounds), wholeNumber('seed', values.seed)]
  const chance = new Chance(seed)
  await runParts([() => diskFaults({ rounds, chance, say })], { print: printed })
}
