import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { day, hour, inWords, minute, second } from '../proofs/simulation/durations.ts'
import { withTables } from '../proofs/simulation/generated-blocks.ts'
import { everyTenMinutes, sixHours, tenAMinute } from '../proofs/simulation/plans.ts'
import { hookId, Platform } from '../proofs/simulation/platform.ts'
import { simulate } from '../proofs/simulation/report.ts'
import { VirtualTime } from '../proofs/simulation/virtual-time.ts'

describe('docs/recovery.md', () => {
  // `npm run proofs -- simulation` writes all of its tables; these are those that take seconds.
  it('shows what the simulation shows', async () => {
    const text = await readFile(new URL('../docs/recovery.md', import.meta.url), 'utf8')

    const tables = await simulate(['schedule', '20 minutes'])

    expect(tables.size).toBe(2)
    for (const [name, table] of tables)
      expect(text).toContain(`<!-- simulated: ${name} -->\n\n${table}\n\n<!-- end -->`)
  })

  it('has a block for each table, and a table for each block', () => {
    const text = '<!-- simulated: a -->\nold\n<!-- end -->\n'

    expect(withTables(text, new Map([['a', '| new |']]))).toBe(
      '<!-- simulated: a -->\n\n| new |\n\n<!-- end -->\n',
    )
    expect(() => withTables(text, new Map())).toThrow(RangeError)
    const more = new Map([
      ['a', ''],
      ['b', ''],
    ])
    expect(() => withTables(text, more)).toThrow(RangeError)
  })
})

describe('a dispatcher with a receiver that is down', () => {
  /** Not 5 days: to simulate the beats of a day takes seconds. */
  const options = { disableAfterMs: 5 * hour }

  it.for(['refuses', 'hangs', 'answers 503'] as const)(
    'wakes up for requests, releases and its two beats only, when it %s',
    async (down) => {
      await using platform = new Platform({ down, downMs: sixHours.downMs, traffic: tenAMinute })

      await platform.advanceTo(platform.backAt)

      const { time, receiver, recorded, downAt, backAt, seen } = platform
      // Of health, and of leases.
      const beats = 2 * ((backAt - downAt) / (5 * second))
      const reasons = 2 * receiver.requests.length + 2 * seen.breaker.length + recorded.length
      expect(time.rings - beats).toBeLessThan(reasons)
    },
  )

  it('sends again what was replayed while its hook was disabled', async () => {
    await using platform = new Platform({
      down: 'refuses',
      downMs: day,
      traffic: everyTenMinutes,
      options,
    })
    const { dispatcher, seen, backAt } = platform
    await platform.advanceTo(backAt + minute)
    const early = await dispatcher.replay({ hook: hookId })
    await platform.advanceTo(backAt + 2 * minute)
    expect(early.ids.map((id) => seen.dead.get(id))).toEqual(platform.missed.map(() => 'hook-disabled'))

    await dispatcher.enable(hookId)
    const { ids } = await dispatcher.replay({ hook: hookId })
    await platform.advanceTo(backAt + hour)

    expect(ids).toHaveLength(platform.missed.length)
    expect(ids.every((id) => seen.delivered.has(id))).toBe(true)
  })

  it('warns about a hook whose receiver is back in time, and does not disable it', async () => {
    await using platform = new Platform({
      down: 'refuses',
      downMs: 4 * hour,
      traffic: everyTenMinutes,
      options,
    })

    await platform.advanceTo(platform.backAt + 6 * hour)

    expect(platform.seen.failing.map(({ share }) => share)).toEqual([0.5])
    expect(platform.seen.disabled).toEqual([])
    expect(platform.dispatcher.hooks()[0]).not.toHaveProperty('failingSince')
  })
})

describe('virtual time', () => {
  it('shows each timer its own time, and lets promises settle in between', async () => {
    using time = new VirtualTime(1000)
    const seen: number[] = []
    const walk = async (): Promise<void> => {
      for (const ms of [day, 1, 0]) {
        await time.sleep(ms)
        seen.push(time.now - 1000)
      }
    }
    const interval = setInterval(() => seen.push(-1), day)
    void walk()

    await time.advanceTo(1000 + day + second)
    clearInterval(interval)
    await time.advanceTo(1000 + 3 * day)

    expect(seen).toEqual([-1, day, day + 1, day + 1])
    expect(time.now).toBe(1000 + 3 * day)
  })

  it('stops at the moment that is waited for', async () => {
    using time = new VirtualTime(0)
    let isOver = false
    setTimeout(() => (isOver = true), 90)

    await time.advanceTo(1000, () => isOver)

    expect(time.now).toBe(90)
  })

  it("gives the process's timers back", () => {
    const own = globalThis.setTimeout
    {
      using time = new VirtualTime(0)
      expect(globalThis.setTimeout).not.toBe(own)
      expect(time.now).toBe(0)
    }
    expect(globalThis.setTimeout).toBe(own)
  })
})

it.each([
  [0, '0 s'],
  [50, 'under 1 s'],
  [34_400, '34 s'],
  [94_000, '1 min 34 s'],
  [3_599_600, '1 h'],
  [6 * hour + 12 * minute, '6 h 12 min'],
  [2 * day + 12 * hour, '2 d 12 h'],
  [day - 1, '1 d'],
  [5 * day + 3 * minute, '5 d'],
])('puts %i ms in words', (ms, words) => {
  expect(inWords(ms)).toBe(words)
})
