import { createDispatcher, type Delivery, type HookOptions, type ReleaseInput } from 'deploy-hooks'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { loadTransport, type TransportName } from '../../shared/transports.ts'

/** Releases of a kind, and what is to come of each of them. */
export interface LongRelease {
  readonly name: string
  readonly app: string
  readonly summaries: readonly string[]
  readonly expected: {
    /** `delivered`, or the reason and the verdict. */
    readonly outcome: string
    /** For all of them. */
    readonly requests: number
  }
}

export interface Came {
  readonly outcome: string
}

export const secret = 's3cret-of-the-proof'

const japanese = '部署しました。'.repeat(300).slice(0, 2000)
/** An emoji takes twelve bytes in a URL: so one of these is cut at each of its bytes. */
const emoji = Array.from({ length: 12 }, (_, index) => `${'a'.repeat(index)}${'\u{1F680}'.repeat(16_000)}`)
const delivered = (requests: number): LongRelease['expected'] => ({ outcome: 'delivered', requests })
const tooLong = { outcome: 'url-too-long, url-too-long', requests: 0 }

export const longReleases: readonly LongRelease[] = [
  { name: '2,000 characters of Japanese', app: 'web', summaries: [japanese], expected: delivered(1) },
  { name: '64 KiB of ASCII', app: 'web', summaries: ['a'.repeat(65_536)], expected: delivered(1) },
  { name: '16,000 emoji, from each byte on', app: 'web', summaries: emoji, expected: delivered(12) },
  {
    name: 'an app of 2,000 characters',
    app: 'w'.repeat(2000),
    summaries: [japanese],
    expected: delivered(1),
  },
  {
    name: 'an app of 800 characters of Japanese',
    app: '日'.repeat(800),
    summaries: [japanese],
    expected: delivered(1),
  },
  {
    name: 'an app of 900 characters of Japanese',
    app: '日'.repeat(900),
    summaries: [japanese],
    expected: tooLong,
  },
]

/** Tells a hook of each. */
export async function send(
  hook: HookOptions,
  { app, summaries }: LongRelease,
  transport: TransportName,
): Promise<readonly Came[]> {
  await using dispatcher = createDispatcher({
    hooks: [hook],
    secret,
    transport: (await loadTransport(transport))(),
    egress: { allow: ['127.0.0.1'] },
    retry: { refusedAttempts: 1 },
    logger: { warn() {}, error() {} },
  })
  const came: Came[] = []
  for (const [index, summary] of summaries.entries()) {
    const release: ReleaseInput = { app, version: index + 1, user: 'proof', sha: '35b3726', summary }
    const deliveries = await (await dispatcher.dispatch(release)).settled()
    came.push(...deliveries.map((delivery) => ({ outcome: outcomeOf(delivery) })))
  }
  return came
}

function outcomeOf({ state, outcome }: Delivery): string {
  return outcome?.kind === 'dead' ? `${outcome.reason}, ${outcome.verdict}` : state
}

/** What is answered to a URL that has all of the first summary. */
export async function uncut(url: string): Promise<number> {
  const request = http.request(`${url}?release_summary=${encodeURIComponent(japanese)}`, { method: 'POST' })
  request.end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.destroy()
  return response.statusCode ?? 0
}
