import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Chance } from '../../../src/testing/store/chance.ts'
import { tableNames } from '../../../src/stores/triggers/tables.ts'
import { createScratchFolder } from '../../shared/scratch-folder.ts'
import { violationOf, type Report } from '../../shared/report.ts'
import { sorted } from './sorted.ts'
import { exchange } from './exchange.ts'
import { faultOf, kindOf } from './odd-answers.ts'
import { oddRequest } from './odd-requests.ts'
import { OddServer } from './odd-server.ts'
import { rowsOf, type Place } from './place.ts'
import type { ServerReport } from './odd-plan.ts'

export interface OddOptions {
  readonly place: Place
  readonly requests: number
  readonly seed: number
  readonly say: (progress: string) => void
}

const senders = 24
/** After which memory is looked at first. */
const warmUp = 0.2
/** By which memory may grow, in MiB: of the heap from a fifth of the requests to the last one, of the process at most. */
const growth = { heap: 24, rss: 256 }

/** Asks a server oddly, by `node` and by `fetch`, and looks for what should not be: in answers, in what is told, and in what is kept. */
export async function askOddly({ place, requests, seed, say }: OddOptions): Promise<Report> {
  await using folder = await createScratchFolder()
  const said = folder.file('said.log')
  const server = await OddServer.start({ place, said })
  const startedAt = performance.now()
  const { targets, ports, digests } = server.opened
  const secrets = targets.map(({ token }) => token.slice(4, 36))
  const chance = new Chance(seed)
  const kinds = new Map<string, number>()
  const faults: string[] = []
  const found: string[] = []
  const ask = async (): Promise<void> => {
    const by = chance.pick(['node', 'fetch'] as const)
    const request = oddRequest(chance, targets)
    const answer = await exchange(ports[by], request)
    const kind = kindOf(answer, request)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    const fault = faultOf(answer, request)
    if (fault !== undefined) faults.push(`${by}: ${fault}, for ${shownRequest(request.bytes)}`)
    if ([...secrets, ...digests].some((secret) => answer.text.includes(secret)))
      found.push(`the answer ${answer.status} of ${by} to ${shownRequest(request.bytes)}`)
  }
  let left = requests
  const askOn = async (until: number): Promise<void> => {
    while (left > until) {
      left -= 1
      if (left % 2000 === 0) say(`${requests - left} of ${requests} odd requests`)
      await ask()
    }
  }
  const askUntil = (until: number): Promise<unknown> =>
    Promise.all(Array.from({ length: senders }, () => askOn(until)))
  await askUntil(Math.floor(requests * (1 - warmUp)))
  await server.report('settle')
  await askUntil(0)
  const report = await server.report('settle')
  await server[Symbol.asyncDispose]()
  const told = await readFile(said, 'utf8')
  found.push(...lookedFor([...secrets, ...digests], told, 'what was told'))
  for (const [name, text] of await keptIn(place)) found.push(...lookedFor(secrets, text, name))
  return {
    title: `odd, ${place.name}`,
    figures: {
      'odd requests': requests,
      ...sorted(kinds),
      ...figuresOf(report),
      'tokens found': found.length,
      seconds: (performance.now() - startedAt) / 1000,
    },
    violations: [
      ...violationOf(faults, 'Requests were answered with what the library does not say'),
      ...violationOf(found, 'Tokens were found'),
      ...violationsOf(report),
    ],
  }
}

export function figuresOf({
  requests,
  readEarly,
  unanswered,
  faults,
  memory,
}: ServerReport): Report['figures'] {
  return {
    'requests that came through': requests,
    'bodies read before the token was right': readEarly,
    'left unanswered': unanswered,
    'exceptions and rejections': faults.length,
    'heap at first, MiB': memory.firstHeap,
    'heap at last, MiB': memory.lastHeap,
    'memory at first, MiB': memory.firstRss,
    'memory at most, MiB': memory.mostRss,
  }
}

export function violationsOf({ readEarly, unanswered, faults, memory }: ServerReport): readonly string[] {
  const heap = memory.lastHeap - memory.firstHeap
  const rss = memory.mostRss - memory.firstRss
  return [
    ...violationOf(faults, 'Nobody handled'),
    ...(readEarly === 0 ? [] : [`Bodies were read before the token was right: ${readEarly}`]),
    ...(unanswered === 0 ? [] : [`Requests were left unanswered: ${unanswered}`]),
    ...(heap <= growth.heap ? [] : [`The heap grew by ${Math.round(heap)} MiB`]),
    ...(rss <= growth.rss ? [] : [`Memory grew by ${Math.round(rss)} MiB`]),
  ]
}

function lookedFor(secrets: readonly string[], text: string, where: string): readonly string[] {
  return secrets.flatMap((secret) => {
    const at = text.indexOf(secret)
    return at === -1 ? [] : [`${where}: ${text.slice(Math.max(0, at - 120), at).replaceAll('\n', ' ')}…`]
  })
}

/** All that is kept: the bytes of the files, or the rows of the tables. */
async function keptIn(place: Place): Promise<readonly (readonly [name: string, text: string])[]> {
  if (place.name === 'SQLite') {
    const folder = dirname(place.path)
    const files = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isFile())
    return Promise.all(
      files.map(async ({ name }) => [name, await readFile(join(folder, name), 'latin1')] as const),
    )
  }
  return Promise.all(
    tableNames.map(async (table) => [table, JSON.stringify(await rowsOf(place, table))] as const),
  )
}

/** For whoever looks for what was wrong. Its tokens are those of this run alone. */
function shownRequest(bytes: Buffer): string {
  const text = bytes.toString('latin1')
  return JSON.stringify(text.length > 1500 ? `${text.slice(0, 1500)}…` : text)
}
