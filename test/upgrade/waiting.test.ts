import { describe, expect, it } from 'vitest'
import type { Delivery, Dispatcher } from '../../src/index.ts'
import { before, soon, start, type Before } from './before.ts'
import { startReceivers } from './receivers.ts'

/** What it had never tried, or was at when it was killed. */
const due: readonly string[] = [
  'ask: GET /deploy/builds/6',
  'audit: api v6',
  'audit: api v7',
  'audit: web v5',
  'audit: web v5 failed',
  'build: GET /deploy/builds/5',
  'busy: busy v1',
  'changes: web v5 failed',
  'plain: api v6',
  'plain: api v7',
  'plain: web v5',
]
/** What it had put off for an hour. */
const later = ['down: down v2', 'newest: newest v2', 'refuses: refuses v2', 'steps: POST /deploy/second/v1']

/** The request that was on its way when it was killed. */
const sentBefore = {
  said: 'busy: busy v1',
  url: '/deploy?app=busy&release=v1&release_summary=gabrtv+deployed+35b3726&sha=35b3726&token=t0k3n&user=gabrtv',
  id: 'dlv_dfffd3dfb53f5c03fa56e01f665ff9d0',
}

/** What died since, which the version before had let wait. */
async function endedUnsent(dispatcher: Dispatcher): Promise<readonly unknown[]> {
  const dead = await Array.fromAsync(dispatcher.deliveries({ state: 'dead' }))
  return dead
    .filter(({ settledAt = 0 }) => settledAt >= soon)
    .map(({ release, outcome }) => ({
      said: `${release.app} ${release.version}`,
      verdict: outcome?.kind === 'dead' ? outcome.verdict : undefined,
    }))
}

async function waitingIn(dispatcher: Dispatcher): Promise<readonly Delivery[]> {
  return Array.fromAsync(dispatcher.deliveries({ state: 'waiting' }))
}

/** All that was final, but for the hooks' ids; and what was tried for it. */
async function finalIn({ ask }: Before): Promise<unknown> {
  const finals = await ask(
    (
      prefix,
    ) => `SELECT d.seq, d.id, d.state, d.attempts, d.recorded_at, d.settled_at, d.reason, d.verdict, d.replay_of,
      d.remote, r.app, r.version, r.summary, r.facts FROM ${prefix}deliveries d JOIN ${prefix}releases r ON r.seq = d.release_seq
      WHERE d.state <> 'waiting' ORDER BY d.seq`,
  )
  const attempts = await ask((prefix) => `SELECT * FROM ${prefix}attempts ORDER BY delivery_seq, number`)
  return finals.map((each) => ({
    ...each,
    tried: attempts.filter((one) => one['delivery_seq'] === each['seq']),
  }))
}

describe.each(Object.entries(before))('what waited in %s of the version before', (_, copy) => {
  it('is sent once, when it is due, and nothing else', async () => {
    const old = await copy()
    const { proxy, received } = await startReceivers()
    const said = (): readonly string[] => received.map((each) => each.said).toSorted()
    const all = [...due, ...old.left].toSorted()
    const finals = (await finalIn(old)) as readonly unknown[]
    expect(finals).toHaveLength(29)

    const first = start(old.open(), { egress: { proxy } })
    await expect.poll(said).toEqual(all)
    await expect.poll(async () => (await waitingIn(first)).length).toBe(later.length)
    await first.close()

    const hour = start(old.open(), { egress: { proxy }, now: () => soon + 3_600_000 })
    await expect.poll(() => waitingIn(hour)).toEqual([])
    expect(said()).toEqual([...all, ...later].toSorted())
    expect(await finalIn(old)).toEqual(expect.arrayContaining(finals as unknown[]))
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length - 1) // two are questions, without an id
    expect(await endedUnsent(hour)).toEqual([
      { said: 'off v1', verdict: 'hook-disabled' },
      { said: 'build v7', verdict: 'ambiguous' },
    ])
  })

  it('and was sent before is the same, byte for byte', async () => {
    const { proxy, received } = await startReceivers()
    start((await copy()).open(), { egress: { proxy } })
    const sent = (): unknown => received.find(({ said }) => said.startsWith('busy'))
    await expect.poll(sent).toEqual(sentBefore)
  })
})
