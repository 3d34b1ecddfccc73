/** A process that tells what it is asked to tell of, when it is asked to, in a store that other processes tell in, too. */
import { NewsBench } from '../../../test/dispatch/news-bench.ts'
import { placeAt, type SharedPlace } from '../../../test/dispatch/news-places.ts'
import { saidBy, type Said } from '../../../test/dispatch/news-walk.ts'
import type { Answer, Order } from './tellers.ts'

const place = placeAt(JSON.parse(process.argv[2] ?? '') as SharedPlace)
const bench = new NewsBench(place, 0)

process.on('message', (order: Order | 'end') => void (order === 'end' ? end() : obey(order)))
process.once('disconnect', () => process.exit()) // whoever started it is gone

async function obey(order: Order): Promise<void> {
  const { unit, calls, there, now } = order
  const lines = bench.log.lines.length
  bench.now = now
  await until(order.at)
  const startedAt = nowUs()
  const begun = unit.within === undefined ? undefined : await place.begin?.(unit.within)
  const said: Said[] = []
  let isRefused = false
  try {
    for (const [index, facts] of unit.tellings.entries()) {
      const call = calls[index] as string
      const telling = { there: new Set(there), call, transaction: begun?.transaction }
      said.push(saidBy(await bench.dispatch(facts, telling)))
    }
    await begun?.end(unit.isCommitted)
  } catch (error) {
    if (begun === undefined || !isOfOverlap(error)) return answer({ of: order.of, error: String(error) })
    await begun.end(false)
    isRefused = true
  }
  const isUnsure = bench.log.lines.slice(lines).some((line) => line.startsWith('Another transaction'))
  answer({ of: order.of, startedAt, endedAt: nowUs(), said: isRefused ? undefined : said, isUnsure })
}

/** What a caller repeats his transaction after: another one was first, or both waited for one another. */
function isOfOverlap(error: unknown): boolean {
  return /^40(?:001|P01)$/u.test(String((error as { readonly code?: unknown }).code))
}

/** Timers are too coarse for calls that are to overlap. */
async function until(us: number): Promise<void> {
  while (nowUs() < us) await new Promise(setImmediate)
}

/** The same clock in every process of a machine. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function answer(given: Answer): void {
  process.send?.(given)
}

async function end(): Promise<void> {
  await bench.close()
  await place[Symbol.asyncDispose]()
  process.disconnect()
}

process.send?.('ready')
