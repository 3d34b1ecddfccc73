/**
 * The demo: this checkout is released to four hooks on loopback. One receiver is good, one is flaky, one
 * holds another secret, and one is not there.
 *
 *   npm run demo
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createDispatcher } from 'deploy-hooks'
import { closedPort } from './closed-port.ts'
import { differences, type Expectations } from './expectation.ts'
import { inSeconds, outcomeOf, reasonOf } from './in-words.ts'
import { startReceiver } from './receiver-process.ts'
import { releaseOfCheckout } from './release-of-checkout.ts'
import { paint, say } from './screen.ts'
import { table } from './table.ts'

const expectations: Expectations = {
  good: ['delivered', 'status-204'],
  flaky: ['delivered', 'status-204'],
  'wrong-secret': ['dead (refused)', 'status-401'],
  down: ['dead (exhausted)', 'unreachable'],
}

process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

// 1. Receivers, each in a process of its own; the last hook has none.
const newSecret = (): string => randomBytes(32).toString('hex')
const secret = newSecret()
const [good, flaky, wrongSecret] = await Promise.all([
  startReceiver({ HOOK_SECRET: secret }, (line) => say('good', line)),
  startReceiver({ HOOK_SECRET: secret, UNAVAILABLE: '2' }, (line) => say('flaky', line)),
  startReceiver({ HOOK_SECRET: newSecret() }, (line) => say('wrong-secret', line)),
])
const hooks = [
  { id: 'good', url: good.url },
  { id: 'flaky', url: flaky.url },
  { id: 'wrong-secret', url: wrongSecret.url },
  { id: 'down', url: `http://127.0.0.1:${await closedPort()}/hooks/deploy` },
]

// 2. The dispatcher. Its schedule is one of seconds: the default one goes on for 22 hours.
const dispatcher = createDispatcher({
  hooks,
  secret,
  retry: {
    delaysMs: [500, 1000, 2000],
    connect: { retries: 2, minTimeout: 100, maxTimeout: 200, factor: 2 },
  },
  logger: { warn() {}, error: (message) => say('dispatcher', message, 'red') }, // what it warns of, the events tell
})
dispatcher.on('delivered', ({ hook, attempt }) => {
  say('dispatcher', `${hook.id}: delivered by attempt ${attempt.number}, ${reasonOf(attempt)}`, 'green')
})
dispatcher.on('retrying', ({ hook, attempt }) => {
  const next = `next in ${inSeconds(attempt.outcome.at - attempt.endedAt)}`
  say('dispatcher', `${hook.id}: attempt ${attempt.number} failed, ${reasonOf(attempt)}; ${next}`, 'yellow')
})
dispatcher.on('dead', ({ hook, delivery, outcome }) => {
  const text = `${hook.id}: ${outcomeOf(delivery)} after ${delivery.attempts} attempts, ${outcome.reason}`
  say('dispatcher', text, 'red')
})

// 3. The release. dispatch() resolves once it is recorded: the deploy goes on, whatever the receivers do.
const dispatch = await dispatcher.dispatch(await releaseOfCheckout(join(import.meta.dirname, '../..')))
const { app, version } = dispatch.release
say('dispatcher', `released ${app} ${version} to ${hooks.length} hooks`, 'bold')
for (const { id, url } of hooks) say('dispatcher', `${id.padEnd(12)} ${url}`)

// 4. What became of it.
const deliveries = await dispatch.settled()
await dispatcher.close()
await Promise.all([good, flaky, wrongSecret].map((receiver) => receiver.stop()))

const rows = [['hook', 'attempts', 'outcome', 'reason', 'time']]
for (const delivery of deliveries) {
  const last = (await dispatcher.attempts(delivery.id)).at(-1)
  rows.push([
    delivery.hookId,
    String(delivery.attempts),
    outcomeOf(delivery),
    last === undefined ? '' : reasonOf(last),
    inSeconds((delivery.settledAt ?? Date.now()) - delivery.recordedAt),
  ])
}
const [header = '', ...lines] = table(rows)
console.log(`\n${paint('bold', header)}\n${lines.join('\n')}\n`)

const wrong = differences(expectations, deliveries)
const asExpected = 'As expected: two receivers know of the release, two deliveries are dead and say why.'
for (const sentence of wrong) console.log(paint('red', sentence))
if (wrong.length === 0) console.log(paint('green', asExpected))
process.exitCode = wrong.length === 0 ? 0 : 1
