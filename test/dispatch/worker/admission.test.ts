import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Admission, type AdmissionOptions } from '../../../src/dispatch/worker/admission.ts'
import type { Progress } from '../../../src/index.ts'
import { newLog } from '../log.ts'
import { build, claimOf, held, hookOf, placedOf, reporterTo } from './fakes.ts'

const plain = hookOf()
const once = hookOf({ target: build })
const superseding = hookOf({ supersede: true })
const now = 1000
const marked: Progress = { step: 0, at: now, attempt: 0, sending: true }
const unmarked: Progress = { step: 0, at: now, attempt: 0 }

/** Over a store that remembers what it is told of one delivery, and knows the latest of its app. */
class Bench {
  readonly marks: Progress[] = []
  readonly log = newLog()
  latest: string | undefined
  isDisabled = false
  /** What comes of a mark. */
  mark: () => boolean = () => true
  readonly admission = new Admission({
    store: {
      mark: async (_, progress) => {
        await nextTurn()
        this.marks.push(progress)
        return this.mark()
      },
      latest: async (hookId, group, limit) =>
        this.latest === undefined || `${hookId} ${group} ${limit}` !== 'a ["web"] 1'
          ? []
          : [claimOf(this.latest).delivery],
    },
    health: { isDisabled: () => this.isDisabled },
    reporter: reporterTo(this.log),
    now: () => now,
  } satisfies AdmissionOptions)
}

describe('a delivery is sent', () => {
  it('at once where nothing needs the store to tell', () => {
    const { admission, marks } = new Bench()
    expect(admission.ask(plain, placedOf(plain, 'dlv'))).toBeUndefined()
    expect(marks).toEqual([])
  })

  it('not when its lease has ended, nor to a hook that is disabled', () => {
    const bench = new Bench()
    const late = placedOf(plain, 'dlv')
    late.until = now
    expect(bench.admission.ask(plain, late)).toEqual({ kind: 'returned' })
    bench.isDisabled = true
    expect(bench.admission.ask(plain, placedOf(plain, 'dlv'))).toMatchObject({ verdict: 'hook-disabled' })
  })

  it('not when a process was killed while it sent what may not be made twice', () => {
    const { admission } = new Bench()
    const execution = placedOf(once, 'dlv', { progress: marked })
    expect(admission.ask(once, execution)).toEqual({ kind: 'dead', reason: 'aborted', verdict: 'ambiguous' })
  })

  it('not when a newer one of its app was recorded, unless a part of it was taken or somebody replays it', async () => {
    const bench = new Bench()
    const ask = (...facts: Parameters<typeof placedOf>): unknown =>
      bench.admission.ask(facts[0], placedOf(...facts))
    expect(await ask(superseding, 'dlv')).toBeUndefined()
    bench.latest = 'dlv'
    expect(await ask(superseding, 'dlv')).toBeUndefined()
    bench.latest = 'newer'
    expect(await ask(superseding, 'dlv')).toMatchObject({ kind: 'dead', verdict: 'superseded' })
    expect(await ask(superseding, 'dlv', { replayOf: 'older' })).toBeUndefined()
    expect(await ask(superseding, 'dlv', { progress: { step: 1, at: 0, attempt: 1 } })).toBeUndefined()
    expect(ask(plain, 'dlv')).toBeUndefined()
  })
})

describe('what may not be sent twice', () => {
  it('is sent when the store knows, which is asked once for all connections of an attempt', async () => {
    const { admission, marks } = new Bench()
    const execution = placedOf(once, 'dlv')
    expect(await admission.ask(once, execution)).toBeUndefined()
    expect(marks).toEqual([marked])
    execution.connects = 1
    expect(admission.ask(once, execution)).toBeUndefined()
    expect(marks).toHaveLength(1)
  })

  it('is marked anew for the next connection when the one before never opened, and the store was told', async () => {
    const { admission, marks } = new Bench()
    const execution = placedOf(once, 'dlv', { progress: { step: 0, at: 7, attempt: 2 } })
    await admission.ask(once, execution)
    execution.connects = 1
    await admission.takeBack(execution)
    expect(await admission.ask(once, execution)).toBeUndefined()
    const before = { step: 0, at: 7, attempt: 2 }
    expect(marks).toEqual([{ ...before, sending: true }, before, { ...before, sending: true }])
  })

  it('waits a while when the store cannot tell, and stays unmarked', async () => {
    const bench = new Bench()
    bench.mark = () => {
      throw new Error('the disk is full')
    }
    const execution = placedOf(once, 'dlv')
    expect(await bench.admission.ask(once, execution)).toEqual({ kind: 'returned', dueAt: now + 5000 })
    expect(bench.marks).toEqual([marked, unmarked]) // the fault may have come behind the mark
    expect(bench.log.lines).toEqual([expect.stringContaining('the disk is full')])
  })

  it('is not when another process has claimed it, also before this one claimed it again', async () => {
    const bench = new Bench()
    bench.mark = () => false
    const lost = placedOf(once, 'dlv')
    expect(await bench.admission.ask(once, lost)).toMatchObject({ kind: 'returned', dueAt: now + 5000 })
    expect(lost.marked).not.toBe(true)
    expect(bench.marks).toEqual([marked])
    const both = hookOf({ target: build, supersede: true })
    const execution = placedOf(both, 'dlv')
    const asked = bench.admission.ask(both, execution)
    execution.claimedAgain(claimOf('dlv', {}, 2), held, Infinity)
    expect(await asked).toMatchObject({ kind: 'returned', dueAt: now + 5000 })
    expect(bench.marks).toHaveLength(1)
  })

  it('is not, and is unmarked, when its hook was lost while the store was asked', async () => {
    const bench = new Bench()
    const execution = placedOf(once, 'dlv')
    bench.mark = () => {
      execution.term = { holds: false, stays: false }
      return true
    }
    expect(await bench.admission.ask(once, execution)).toEqual({ kind: 'returned' })
    expect(bench.marks).toEqual([marked, unmarked])
  })

  it('stays marked when the store cannot be told that it never left, which is said', async () => {
    const bench = new Bench()
    const execution = placedOf(once, 'dlv')
    await bench.admission.takeBack(execution)
    expect(bench.marks).toEqual([])
    await bench.admission.ask(once, execution)
    bench.mark = () => {
      throw new Error('locked')
    }
    await bench.admission.takeBack(execution)
    expect(bench.log.lines).toEqual([expect.stringContaining('stays marked')])
  })
})
