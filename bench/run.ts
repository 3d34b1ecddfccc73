/**
 * Measures the library against the same work by hand and against other libraries, and writes RESULTS.md.
 *
 * `npm run bench -- 1` (or BENCH_ROUNDS=1) makes a short run that writes nothing.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { machineFacts, versionsOf } from './machine.ts'
import { tableOf } from './table.ts'

/** Fewer say nothing. */
const fewestRounds = 5

const rounds = Number(process.argv[2] ?? process.env['BENCH_ROUNDS'] ?? 7)
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  throw new RangeError(`Expected the number of rounds to be a positive integer, got \`${rounds}\``)
}
const machine = machineFacts()
const startedAt = performance.now()

// Many short rounds rather than few long ones: what disturbs the machine then meets every contestant.
const inFlight = 64
const deliveryOptions = { rounds: 2 * rounds, warmUpRounds: 2, deliveries: 1000, inFlight }
const callers = 50
const latencyOptions = { rounds, warmUpRounds: 1, dispatches: 20_000, sentDispatches: 2000, callers }
const verificationOptions = { rounds: 5 * rounds, warmUpRounds: 5, verifications: 5000 }
const signingOptions = { rounds: 3 * rounds, warmUpRounds: 5, signings: 5000 }

// Each is loaded when its turn comes, so that what one loads is not in another's memory.
const { measureDelivery } = await import('./delivery.ts')
const delivery = await measureDelivery(deliveryOptions)
const { measureDispatchLatency } = await import('./dispatch-latency.ts')
const latency = await measureDispatchLatency(latencyOptions)
const { measureVerification } = await import('./verification.ts')
const verification = await measureVerification(verificationOptions)
const { measureSigning } = await import('./signing.ts')
const signing = await measureSigning(signingOptions)

const seconds = Math.round((performance.now() - startedAt) / 1000)
const packages = ['got', 'p-queue', 'p-retry', 'zod', '@octokit/webhooks-methods', 'stripe']
const versions = await versionsOf([...packages, 'standardwebhooks', 'twilio'])

const results = `
# Benchmarks

Written by \`npm run bench\`. **Only the ratios count**: the figures beside them hold for one machine at one hour.

${machine}. ${versions}.

One run of ${seconds} seconds, in one process. The contestants of a table take turns, forwards in one round and backwards in the next,
after rounds that warm up. A figure is the median over the rounds. A ratio is the median of the ratios within each round, so
that what slows a whole round down cancels out.

## Deliveries, ${inFlight} in flight

To a \`node:http\` server in a process of its own on loopback, which answers 200. Each of ${inFlight} workers starts its next
delivery as soon as it knows that its last one arrived. ${deliveryOptions.rounds} rounds of ${deliveryOptions.deliveries} deliveries of each. CPU time is that of the sending
process, all its threads. The ratios are to the same work by hand: of deliveries more is better, of CPU time less.
Most of the lead over it comes from starting requests in batches (docs/decisions/0008): the same done by hand would have it too.

${tableOf(delivery, [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 0 },
])}

## What \`dispatch()\` costs a deploy

From the call to its resolution, with the memory store. ${latencyOptions.rounds} rounds of ${latencyOptions.dispatches} calls, or ${latencyOptions.sentDispatches} where requests are sent. One thread
does the work of all callers: with ${callers} at once, a wait holds the work of those before it. Less is better.

${tableOf(latency, [
  { figure: 'p50', title: 'p50 µs', digits: 0 },
  { figure: 'p99', title: 'p99 µs', digits: 0 },
])}

## Verification

One genuine message of about 200 bytes; 64 different ones in turn. ${verificationOptions.rounds} rounds of ${verificationOptions.verifications} verifications. Less is better.

${tableOf(verification, [{ figure: 'micros', title: 'µs', digits: 2 }])}

## Signing

The URL of a release and its signature. ${signingOptions.rounds} rounds of ${signingOptions.signings} signatures. Less is better. These are the public functions, which
check URL and secret each time; the dispatcher checks them once.

${tableOf(signing, [{ figure: 'micros', title: 'µs', digits: 2 }])}
`

const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const formatted = await format(results, { ...(await resolveConfig(file)), parser: 'markdown' })
process.stdout.write(formatted)
if (rounds >= fewestRounds) await writeFile(file, formatted)
