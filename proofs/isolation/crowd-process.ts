/** Two workers over one slow store; a crowd of hooks begins to fail at one of them. `<plan>` */
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher, memoryStore, type Answer, type Transport } from 'deploy-hooks'
import { tellParent } from '../shared/child.ts'
import type { CrowdFigures, CrowdPlan } from './crowd.ts'
import { SlowDisk, slowStore } from './slow-store.ts'

const { failing, deliveries, writeMs, answerMs } = JSON.parse(process.argv[2] ?? '') as CrowdPlan
const aheadMs = 200
const healthyUrl = 'http://healthy.example/'
const hooks = [
  { id: 'healthy', url: healthyUrl, apps: ['healthy'], concurrency: 1 },
  ...Array.from({ length: failing }, (_, hook) => ({
    id: `failing-${hook}`,
    url: `http://failing-${hook}.example/`,
    apps: ['failing'],
  })),
]
const common = {
  hooks,
  secret: 'a secret of the usual length, of 43 characters',
  retry: { delaysMs: [3_600_000] },
}
const sent: string[] = []
const renewedAt: number[] = []
let stateWrites = 0

/** No sockets: what is measured is the store's matter. */
const transport: Transport = {
  async send({ url, headers }) {
    if (!url.startsWith(healthyUrl)) return answer(500)
    sent.push(headers['idempotency-key'] ?? '')
    await sleep(answerMs)
    return answer(200)
  },
  close: () => undefined,
}

function answer(status: number): Answer {
  return { kind: 'answer', status, headers: {}, body: new Uint8Array(), timings: { totalMs: 0 } }
}

const store = memoryStore()
const disk = new SlowDisk(writeMs)
const first = createDispatcher({
  ...common,
  transport,
  store: slowStore(store, disk, (name, claims) => {
    if (name === 'renew' && Array.isArray(claims) && claims.length > 0) renewedAt.push(performance.now())
    if (name === 'setHookStates') stateWrites += 1
  }),
})
// Its clock is ahead, as those of two machines are: it sees first that a lease has ended, before the first worker claims anew.
const second = createDispatcher({
  ...common,
  transport,
  store: slowStore(store, disk, () => undefined),
  now: () => Date.now() + aheadMs,
})
await Promise.all([first.start(), second.start()])

const startedAt = performance.now()
const dispatched = await Promise.all(
  Array.from({ length: deliveries }, (_, version) =>
    first.dispatch({ app: 'healthy', version: version + 1, user: 'gabrtv' }),
  ),
)
await first.dispatch({ app: 'failing', version: 1, user: 'gabrtv' })
const settled = await Promise.all(dispatched.map((each) => each.settled()))
const endedAt = performance.now()
const times = [startedAt, ...renewedAt, endedAt]
tellParent({
  seconds: (endedAt - startedAt) / 1000,
  delivered: settled.flat().filter(({ state }) => state === 'delivered').length,
  sentTwice: sent.length - new Set(sent).size,
  longestGapMs: Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0))),
  renewals: renewedAt.length,
  stateWrites,
  states: (await store.hookStates()).length,
} satisfies CrowdFigures)
process.exit()
