import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { contest, type Contestant, type Standing } from '../shared/contest.ts'
import type { NamesFigures, NamesPlan } from './names-plan.ts'
import { shown } from '../shared/table.ts'

export interface NamesOptions {
  readonly rounds: number
  readonly say: (progress: string) => void
}

type Figure = keyof NamesFigures

/** What so many names that hang did to a hook whose name does not. */
export interface HangingNames {
  readonly hanging: number
  readonly busy: boolean
  readonly standing: Standing<Figure>
  /** Of all rounds. */
  readonly mostCharged: number
}

const hangingCounts = [0, 6, 60] as const
const mostRounds = 3
const limitMs = 120_000

const run = promisify(execFile)

/** @returns why it cannot be measured, where no network may be made */
export async function measureNames(options: NamesOptions): Promise<readonly HangingNames[] | string> {
  const refusal = await entered(['true']).then(() => undefined, whyNot)
  if (refusal !== undefined) return refusal
  return [...(await measureAs(false, options)), ...(await measureAs(true, options))]
}

async function measureAs(busy: boolean, { rounds, say }: NamesOptions): Promise<readonly HangingNames[]> {
  const charged: number[][] = hangingCounts.map(() => [])
  const contestants = hangingCounts.map((hanging, index): Contestant<Figure> => {
    const name = `${hanging} names hang${busy ? ', busy' : ''}`
    return {
      name,
      does: '',
      async measure() {
        const { p50, p99, max, ...figures } = await runOnce({ hanging, busy })
        charged[index]?.push(figures.charged)
        say(`${name}: ${shown(figures.arrived, 1)} % arrived, ${figures.charged} charged`)
        return { ...figures, p50: p50 ?? Infinity, p99: p99 ?? Infinity, max: max ?? Infinity }
      },
    }
  })
  const [none] = contestants
  if (none === undefined) return []
  const standings = await contest(contestants, none, {
    rounds: Math.min(rounds, mostRounds),
    warmUpRounds: 0,
  })
  return standings.map((standing, index) => ({
    hanging: hangingCounts[index] ?? 0,
    busy,
    standing,
    mostCharged: Math.max(...(charged[index] ?? [])),
  }))
}

/** In a network and a file system of its own, whose one name server is on loopback: so the system's own look-ups ask it too. */
async function runOnce(plan: Omit<NamesPlan, 'folder'>): Promise<NamesFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'names-'))
  try {
    const servers = join(folder, 'resolv.conf')
    await writeFile(servers, 'nameserver 127.0.0.1\n')
    const script = fileURLToPath(new URL('names-process.ts', import.meta.url))
    const all: NamesPlan = { ...plan, folder }
    const command = [process.execPath, script, JSON.stringify(all)]
    const enter = 'ip link set lo up && mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    const { stdout } = await entered(['sh', '-c', enter, 'sh', servers, ...command])
    return JSON.parse(stdout) as NamesFigures
  } finally {
    await rm(folder, { recursive: true })
  }
}

function entered(command: readonly string[]): Promise<{ readonly stdout: string }> {
  const args = ['--map-root-user', '--mount', '--net', ...command]
  return run('unshare', args, { timeout: limitMs, killSignal: 'SIGKILL' })
}

function whyNot(error: unknown): string {
  const { stderr = '', message } = error as { readonly stderr?: string; readonly message: string }
  return `a network of its own cannot be made (${stderr === '' ? message : stderr.trim()}).`
}
