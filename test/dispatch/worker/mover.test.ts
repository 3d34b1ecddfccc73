import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Mover } from '../../../src/dispatch/worker/mover.ts'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import type { Moved, MoveOptions, Store } from '../../../src/index.ts'

type Step = Moved | Error

interface Script {
  readonly mover: Mover
  /** Resolves when a pass has ended, or cannot go on now. */
  readonly pass: () => Promise<void>
  /** Cursors that were asked for. */
  readonly cursors: (string | undefined)[]
  readonly onMoved: ReturnType<typeof vi.fn>
  readonly faults: unknown[]
  now: number
}

/** A mover over a store that answers these, and then that there is nothing. */
function scripted(steps: Step[], moves = new Map([['a', 'x']])): Script {
  const cursors: (string | undefined)[] = []
  const faults: unknown[] = []
  const onMoved = vi.fn<() => void>()
  const chores = new Chores()
  const wakes = new WakeTimer(Date.now)
  wakes.woken.listen(onMoved)
  const script = { cursors, faults, onMoved, now: 1_000_000 }
  const store: Pick<Store, 'moveHooks'> = {
    async moveHooks(ids: ReadonlyMap<string, string>, { limit, now, cursor }: MoveOptions) {
      expect({ ids, now }).toEqual({ ids: moves, now: script.now })
      expect(limit).toBeLessThanOrEqual(500)
      cursors.push(cursor)
      const step = steps.shift() ?? { moved: 0 }
      if (step instanceof Error) throw step
      return step
    },
  }
  const reporter = { lastingFault: (_: string, error: unknown) => void faults.push(error) }
  const mover = new Mover({
    store,
    moves,
    now: () => script.now,
    reporter,
    chores,
    wakes,
  })
  onTestFinished(() => mover.close())
  const pass = (): Promise<void> => {
    mover.go()
    return chores.idle()
  }
  return Object.assign(script, { mover, pass })
}

const waiting = { moved: 500, next: 'waiting' }
const page = { moved: 0, next: '500' }

describe('moving hooks', () => {
  it('begins with one step, and goes on to the end, telling whenever something may be due', async () => {
    const { mover, pass, cursors, onMoved } = scripted([waiting, { moved: 7, next: '0' }, page, { moved: 3 }])
    await mover.begin()
    expect(cursors).toEqual([undefined])
    expect(onMoved).toHaveBeenCalledTimes(1)
    await pass()
    expect(cursors).toEqual([undefined, 'waiting', '0', '500'])
    expect(onMoved).toHaveBeenCalledTimes(3)
    await mover.begin()
    await pass()
    expect(cursors).toHaveLength(4)
  })

  it('asks the store nothing when no hook had another id, nor before it began', async () => {
    const none = scripted([], new Map())
    await none.mover.begin()
    await none.pass()
    expect(none.cursors).toEqual([])
    const { pass, cursors } = scripted([])
    await pass()
    expect(cursors).toEqual([])
  })

  it('begins again after a fault of the store, and goes on where it was', async () => {
    const fault = new Error('The disk is full')
    const script = scripted([fault, page, fault, page, { moved: 0 }])
    await expect(script.mover.begin()).rejects.toBe(fault)
    await script.mover.begin()
    await script.pass()
    expect(script.faults).toEqual([fault])
    await script.pass()
    expect(script.cursors).toEqual([undefined, undefined, '500', '500', '500'])
  })

  it('looks again after a minute, and then after ever longer pauses while it finds nothing', async () => {
    const script = scripted([])
    await script.mover.begin()
    const looks = async (afterMs: number): Promise<number> => {
      const before = script.cursors.length
      script.now += afterMs
      await script.pass()
      return script.cursors.length - before
    }
    expect([await looks(59_000), await looks(1000)]).toEqual([0, 1])
    expect([await looks(60_000), await looks(60_000)]).toEqual([0, 1])
    for (let hours = 0; hours < 9; hours += 1) expect(await looks(3_600_000)).toBe(1)
    expect(await looks(3_599_000)).toBe(0)
  })

  it('makes a whole pass when it finds what others have left since, and looks soon again', async () => {
    const script = scripted([
      { moved: 0 },
      { moved: 0, next: '0' },
      { moved: 1, next: '0' },
      page,
      { moved: 0 },
    ])
    await script.mover.begin()
    script.now += 60_000
    await script.pass()
    expect(script.cursors).toEqual([undefined, undefined])
    script.now += 120_000
    await script.pass()
    expect(script.cursors).toEqual([undefined, undefined, undefined, '0', '500'])
    script.now += 60_000
    await script.pass()
    expect(script.cursors).toHaveLength(6)
  })

  it('ends with the step that is under way when it is closed', async () => {
    const script = scripted(Array.from({ length: 9 }, () => page))
    await script.mover.begin()
    const going = script.pass()
    script.mover.close()
    await going
    expect(script.cursors.length).toBeLessThan(3)
  })

  it('goes on once at a time', async () => {
    const { mover, pass, cursors } = scripted([page, page, page, { moved: 0 }])
    await mover.begin()
    await Promise.all([pass(), pass()])
    expect(cursors).toEqual([undefined, '500', '500', '500'])
  })
})
