import assert from 'node:assert/strict'
import fc from 'fast-check'
import { NewsBench } from '../../../test/dispatch/news-bench.ts'
import { NewsModel } from '../../../test/dispatch/news-model.ts'
import { newPlace, placeAt, type NewsPlace, type SharedPlace } from '../../../test/dispatch/news-places.ts'
import { factsIn } from '../../../test/dispatch/news-walk.ts'
import { say } from '../../shared/parts.ts'
import { violationOf, type Report } from '../../shared/report.ts'
import { heatsOf, type Heat, type Unit } from './heats.ts'
import { RaceTally } from './race-tally.ts'
import { distinct, explained, type Outcome } from './serial-order.ts'
import { Tellers, type Answer } from './tellers.ts'

export interface RacesOptions {
  readonly name: SharedPlace['name']
  readonly count: number
  readonly seed: number
  readonly connectionString: string
}

const processes = 2
/** How long after an order is given it is begun, so that all have theirs. */
const aheadUs = 3000
/** Of all races, so many may come to nothing, and one more. */
const mostUnsure = 0.05

/** Lets processes tell at once, and looks for an order in which one that tells alone would have said the same. */
export async function raceAtRandom({ name, count, seed, connectionString }: RacesOptions): Promise<Report> {
  await using place = await newPlace(name, connectionString)
  await using tellers = await Tellers.start(processes, place.shared)
  await using own = placeAt(place.shared)
  const race = new Race(own, tellers)
  const each = fc.asyncProperty(heatsOf(processes, name === 'Postgres'), (heats) => race.run(heats))
  const found = await fc.check(each, { numRuns: count, seed, endOnFailure: true })
  await race.close()
  const differences = found.failed ? [(await fc.asyncDefaultReportMessage(found)) ?? ''] : []
  const { figures } = race.tally
  const unsure = figures['waited for too long']
  return {
    title: `at once, ${name}`,
    figures: { races: found.numRuns, ...figures, differences: differences.length },
    violations: [
      ...violationOf(differences, 'No order of the calls says what was said'),
      ...(unsure > 1 + count * mostUnsure ? [`${unsure} races came to nothing`] : []),
      ...(figures['overlaps of two processes'] === 0 ? ['Nothing overlapped'] : []),
    ],
  }
}

/** A unit on its way to a process. */
interface Asked {
  /** Its number. */
  readonly of: number
  readonly unit: Unit
  readonly there: ReadonlySet<number>
}

class Race {
  readonly tally = new RaceTally()
  readonly #bench: NewsBench
  readonly #tellers: Tellers
  #races = 0
  #units = 0

  constructor(place: NewsPlace, tellers: Tellers) {
    this.#bench = new NewsBench(place, Date.now())
    this.#tellers = tellers
  }

  /** Of several models that say the same, all are gone on with. */
  async run(heats: readonly Heat[]): Promise<void> {
    this.#races += 1
    if (this.#races % 100 === 0) say(`${this.#races} races`)
    const app = `race${this.#races}`
    const base = this.#bench.now
    const there = new Set<number>([0])
    let models: readonly NewsModel[] = [new NewsModel()]
    for (const { units, added, thenMs } of heats) {
      for (const hook of added) there.add(hook)
      const outcomes = await this.#atOnce(
        units.map((unit): Asked => {
          const tellings = unit.tellings.map((facts) => factsIn(facts, app, base))
          this.#units += 1
          return { of: this.#units, unit: { ...unit, tellings }, there: new Set([...there, ...unit.also]) }
        }),
      )
      if (outcomes === undefined) return
      const next = models.flatMap((model) => explained(model, outcomes, this.#bench.now))
      assert.notEqual(next.length, 0, `No order says: ${shown(outcomes)}`)
      models = distinct(next)
      this.#bench.now += thenMs
    }
  }

  close(): Promise<void> {
    return this.#bench.close()
  }

  /** @returns what took effect; `undefined` when nobody knows, since something had to be waited for too long */
  async #atOnce(asked: readonly Asked[]): Promise<readonly Outcome[] | undefined> {
    const { now } = this.#bench
    const at = Number(process.hrtime.bigint() / 1000n) + aheadUs
    const answers = await Promise.all(
      asked.map(({ of, unit, there }) => {
        const calls = unit.tellings.map((_, index) => callOf(of, index))
        return this.#tellers.ask(unit.by, { of, unit, calls, there: [...there], now, at })
      }),
    )
    const sent = await this.#bench.send(true)
    const ours = new Set(asked.flatMap(({ unit, of }) => unit.tellings.map((_, index) => callOf(of, index))))
    const others = [...sent.keys()].filter((call) => !ours.has(call))
    assert.deepEqual(others, [], 'Something else was sent')
    this.tally.count(
      asked.map(({ unit }) => unit),
      answers,
    )
    if (answers.some((answer) => 'isUnsure' in answer && answer.isUnsure)) return undefined
    return asked.flatMap((each, index) => outcomeOf(each, answers[index] as Answer, sent))
  }
}

/** None of a transaction that the server refused. */
function outcomeOf(
  { of, unit, there }: Asked,
  answer: Answer,
  sent: ReadonlyMap<string, readonly string[]>,
): readonly Outcome[] {
  if ('error' in answer) throw new Error(`A call failed: ${answer.error}`)
  const { said, startedAt, endedAt } = answer
  const told = said?.map((each, index) => ({ ...each, to: sent.get(callOf(of, index)) ?? [] }))
  return told === undefined ? [] : [{ unit, there, told, startedAt, endedAt }]
}

/** What a telling is called. */
function callOf(unit: number, index: number): string {
  return `call${unit}.${index}`
}

function shown(outcomes: readonly Outcome[]): string {
  return JSON.stringify(outcomes, (_, value: unknown) => (value instanceof Set ? [...value] : value))
}
