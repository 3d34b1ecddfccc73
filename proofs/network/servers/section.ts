import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createVerifier } from 'deploy-hooks/verify'
import { startProgram, type Program } from '../program.ts'
import type { Section } from '../section.ts'
import { shown, tableOf } from '../../shared/table.ts'
import { hasTransport, transportNames } from '../../shared/transports.ts'
import { longReleases, secret, send, uncut, type Came, type LongRelease } from './sending.ts'

export interface WebServer {
  readonly title: string
  readonly version: string
  /** Logs status, `Authorization` and request line of each request to `access.log`, and answers a POST to `/deploy` by a 2xx. */
  readonly program: (folder: string, port: number) => Program
}

const dialects = ['native', 'deis'] as const

interface Row {
  readonly release: LongRelease
  readonly dialect: string
  readonly transport: string
  readonly came: readonly Came[]
  readonly statuses: readonly number[]
  /** Of request lines, in bytes. */
  readonly longest: number
}

/** Longer request lines are not sent. */
const longestLine = 8000

/** Tells a server of releases whose texts are too long for a URL, and looks into its log for what it read. */
export async function serverSection({ title, version, program }: WebServer): Promise<Section> {
  await using server = await startProgram(program)
  const log = join(server.folder, 'access.log')
  const rows: Row[] = []
  const wrong: string[] = []
  for (const release of longReleases)
    for (const dialect of dialects)
      for (const transport of transportNames.filter(hasTransport)) {
        const before = (await requestsIn(log)).length
        const url = `${server.url}/deploy`
        const came = await send({ url, dialect }, release, transport)
        const read = (await requestsIn(log)).slice(before)
        const where = `${title}, ${release.name}, ${dialect}, ${transport}`
        wrong.push(...wrongIn(release, came).map((each) => `${where}: ${each}`))
        if (read.length !== release.expected.requests)
          wrong.push(`${where}: expected ${release.expected.requests} requests, got ${read.length}`)
        wrong.push(
          ...read.flatMap((request) => misread(url, request, release)).map((each) => `${where}: ${each}`),
        )
        const statuses = [...new Set(read.map(({ status }) => status))]
        rows.push({
          release,
          dialect,
          transport,
          came,
          statuses,
          longest: Math.max(...read.map(({ line }) => line.length)),
        })
      }
  const refused = await uncut(`${server.url}/deploy`)
  if (refused !== 414) wrong.push(`${title}: expected 414 for a URL that is not cut, got ${refused}`)
  const table = tableOf(rows, [
    { title: 'release', cell: ({ release }) => release.name },
    { title: 'dialect', cell: ({ dialect }) => dialect },
    { title: 'transport', cell: ({ transport }) => transport },
    { title: 'releases', cell: ({ came }) => shown(came.length, 0) },
    { title: 'outcome', cell: ({ came }) => [...new Set(came.map(({ outcome }) => outcome))].join('; ') },
    { title: 'status', cell: ({ statuses }) => statuses.join('; ') },
    { title: 'longest request line, bytes', cell: ({ longest }) => shown(longest, 0) },
  ])
  const text = `${version}, with no limit set. The first of these releases in a URL that is not cut is answered ${refused}. What it read was verified, and its summary is the start of the release's, of whole characters, with \`…\`.\n\n${table}`
  return { title, text, wrong }
}

interface Request {
  readonly status: number
  readonly authorization: string
  readonly line: string
}

async function requestsIn(log: string): Promise<readonly Request[]> {
  const text = await readFile(log, 'latin1').catch(() => '')
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => {
      const [status, authorization = '', ...line] = each.split(' ')
      return { status: Number(status), authorization, line: line.join(' ') }
    })
}

function wrongIn({ expected }: LongRelease, came: readonly Came[]): string[] {
  const outcomes = [...new Set(came.map(({ outcome }) => outcome))]
  return outcomes
    .filter((outcome) => outcome !== expected.outcome)
    .map((outcome) => `expected ${expected.outcome}, got ${outcome}`)
}

/** What is not as it should be in what a server has read. */
function misread(url: string, { authorization, line }: Request, { summaries }: LongRelease): string[] {
  const wrong = line.length < longestLine ? [] : [`a request line of ${line.length} bytes`]
  const [, target = ''] = line.split(' ')
  const result = createVerifier({ url, secret }).safeVerify({ url: target, headers: { authorization } })
  if (!result.ok) return [...wrong, `not verified: ${result.code}`]
  const { summary } = result.hook.release
  if (!summary.endsWith('…')) return [...wrong, 'the summary is not cut']
  const isStart = summaries.some((each) => each.startsWith(summary.slice(0, -1)))
  return isStart && summary.isWellFormed()
    ? wrong
    : [...wrong, `cut within a character: ${summary.slice(-9)}`]
}
