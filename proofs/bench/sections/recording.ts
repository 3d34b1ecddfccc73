import type { ThroughputFigure } from '../closed-loop.ts'
import { measureInstantDelivery } from '../instant-delivery.ts'
import { measureRecording, type RecordingLoad } from '../recording.ts'
import { tableOf, type Column } from '../table.ts'

const loads: readonly RecordingLoad[] = [
  { inFlight: 64, hooks: 1, full: false },
  { inFlight: 512, hooks: 1, full: false },
  { inFlight: 4096, hooks: 1, full: false },
  { inFlight: 64, hooks: 5, full: false },
  { inFlight: 512, hooks: 5, full: false },
  { inFlight: 4096, hooks: 5, full: false },
  { inFlight: 512, hooks: 1, full: true },
]

const columns: readonly Column<ThroughputFigure>[] = [
  { figure: 'perSecond', title: 'deliveries/s', digits: 0 },
  { figure: 'cpuMicros', title: 'CPU µs each', digits: 1 },
]

export async function section(rounds: number): Promise<string> {
  const turns = { rounds: Math.ceil(rounds * 0.7), warmUpRounds: 1 }
  const deliveries = 8000
  const keep = deliveries * (turns.rounds + 1)
  const recorded = await measureRecording({ ...turns, deliveries, keep, loads })
  const instant = await measureInstantDelivery({ ...turns, deliveries: 4000, inFlight: [64, 1024] })
  return `
## Recording and settling alone

Nothing is sent. Each release is recorded, and when it is on the disk each of its deliveries is settled with one attempt; so many
deliveries are in flight. By hand that is one insert and one update by integer key for each delivery, on the caller's own thread, in
one transaction for each turn of the event loop: as durable, but no repeat is found, nothing is leased or claimed, no attempt is
kept, nothing is forgotten, and the event loop waits for the disk. ${turns.rounds} rounds of ${deliveries} deliveries of each. "Full": the store
has the ${keep} final deliveries that it may keep, and forgets one for each new one. The ratios are to the work by hand; the CPU
time is that of all threads.

${tableOf(recorded, columns)}

The same through the dispatcher, with a transport that answers at once: all its work but the requests, which by hand is the URL,
createHmac, p-queue and p-retry. A hook has 64 places, and 256 of its deliveries are held: more of them wait in the store until they are
claimed. The ratios are to the memory store.

${tableOf(instant, columns)}
`
}
