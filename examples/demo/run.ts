/**
 * The demo: this checkout is released to four hooks on loopback. One receiver is good, one is flaky, one
 * holds another secret, and one is not there. Half-way the dispatcher is killed by `kill -9`; another one, started on
 * the same SQLite file, delivers the rest. At the end a hook fires a trigger, and follows the deployment that it starts.
 *
 *   npm run demo
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { goRound } from './circle.ts'
import { closedPort } from './closed-port.ts'
import { startDispatcher } from './dispatcher-process.ts'
import { differences, type Expectations } from './expectation.ts'
import { shortId } from './in-words.ts'
import { startReceiver } from './receiver-process.ts'
import { releaseOfCheckout } from './release-of-checkout.ts'
import { paint, say, show } from './screen.ts'
import { readStore } from './store-file.ts'
import { finalRows, leftRows } from './tables.ts'

const expectations: Expectations = {
  good: ['delivered', 'delivered', 'status-204', 1],
  flaky: ['waiting', 'delivered', 'status-204', 2],
  'wrong-secret': ['waiting', 'dead (refused)', 'status-401', 3],
  down: ['waiting', 'dead (exhausted)', 'unreachable', 4],
}
/** It takes 6 s, and longer on a busy machine. */
const limitMs = 120_000

const folder = mkdtempSync(join(tmpdir(), 'deploy-hooks-demo-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
setTimeout(() => giveUp([`Expected the demo to end within ${limitMs / 1000} s.`]), limitMs).unref()

// 1. Receivers, each in a process of its own; the last hook has none.
const newSecret = (): string => randomBytes(32).toString('hex')
const secret = newSecret()
const [good, flaky, wrongSecret] = await Promise.all([
  startReceiver({ HOOK_SECRET: secret }, (line) => say('good', line)),
  startReceiver({ HOOK_SECRET: secret, HANGING: '1', UNAVAILABLE: '1' }, (line) => say('flaky', line)),
  startReceiver({ HOOK_SECRET: newSecret() }, (line) => say('wrong-secret', line)),
])
const hooks = [
  { id: 'good', url: good.url },
  { id: 'flaky', url: flaky.url },
  { id: 'wrong-secret', url: wrongSecret.url },
  { id: 'down', url: `http://127.0.0.1:${await closedPort()}/hooks/deploy` },
]

// 2. A dispatcher, in a process of its own too. It releases, and has recorded that before it sends anything.
const path = join(folder, 'deploy-hooks.db')
const env = { STORE: path, HOOKS: JSON.stringify(hooks), HOOK_SECRET: secret }
const release = await releaseOfCheckout(join(import.meta.dirname, '../..'))
const first = startDispatcher('process 1', { ...env, RELEASE: JSON.stringify(release) })
const recorded = await first.recorded()
for (const { id, url } of hooks) say('process 1', `${id.padEnd(12)} ${shortId(recorded[id] ?? '')} ${url}`)

// 3. Its end, when one delivery is done, two wait for their next attempt, and one has no answer yet.
await Promise.all([...['good', 'wrong-secret', 'down'].map((hook) => first.attempted(hook)), flaky.hanging])
const killedAt = Date.now()
await first.kill()
say('demo', `kill -9 ${first.pid}: process 1 is gone, without a word. The file has:`, 'red')
const left = await readStore(path)
show(leftRows(left, killedAt))

// 4. Another dispatcher on the same file. Nobody tells it what to do.
const second = startDispatcher('process 2', env)
const unfinished = left.filter(({ delivery }) => delivery.state === 'waiting')
await Promise.all(unfinished.map(({ delivery }) => second.settled(delivery.hookId)))
await second.stop()
await Promise.all([good, flaky, wrongSecret].map((receiver) => receiver.stop()))

// 5. What became of it.
const kept = await readStore(path)
show(finalRows(kept, left, killedAt))
const wrong = differences(expectations, { recorded, left, kept })
if (wrong.length > 0) giveUp(wrong)

// 6. The other direction: a platform's trigger, fired by a hook.
const ended = await goRound((line) => say('trigger', line))
if (ended !== 'succeeded') giveUp([`Expected the deployment that was triggered to succeed, got ${ended}.`])
const asExpected = [
  'As expected: two receivers know of the release, two deliveries are dead and say why.',
  'All four kept their ids, and nothing that process 1 had recorded was lost.',
]
for (const sentence of asExpected) console.log(paint('green', sentence))

function giveUp(sentences: readonly string[]): never {
  for (const sentence of sentences) console.log(paint('red', sentence))
  process.exit(1)
}
