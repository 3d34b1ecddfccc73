import { describe, expect, it } from 'vitest'
import { delivered } from '../../../src/testing/store/samples.ts'
import { isSettled } from './fakes.ts'
import { failing, hook, SettlerBench, well } from './settler-bench.ts'

describe('claims', () => {
  it('are returned together, as a chore, and then their room is free', async () => {
    const bench = new SettlerBench()
    const executions = [bench.take(1), bench.take(2)]
    bench.settler.returnClaims([])
    bench.settler.returnClaims(executions, 700)
    expect(bench.claimed.room('a')).toBe(8)
    await bench.chores.idle()
    expect(bench.does).toEqual(['return 1 2 due 700'])
    expect(bench.claimed.room('a')).toBe(10)
  })

  it('of what was not to be sent now are, due as before or later', async () => {
    const bench = new SettlerBench()
    const [now, later] = [bench.take(1), bench.take(2)]
    const lane = { answered: undefined, hasMissed: false }
    expect(await bench.settler.settle(hook, now, { lane, delivery: { kind: 'returned' } })).toEqual({})
    const settled = await bench.settler.settle(hook, later, {
      lane,
      delivery: { kind: 'returned', dueAt: 7 },
    })
    expect(settled).toEqual({ dueAt: 7 })
    expect(bench.does).toEqual(['return 1 due undefined', 'return 2 due 7'])
    expect([now.isOver, later.isOver]).toEqual([true, true])
  })

  it('that a store did not take back are owed until it does, in their order', async () => {
    const bench = new SettlerBench()
    bench.returns = () => {
      throw new Error('locked')
    }
    bench.settler.returnClaims([bench.take(1)], 700)
    bench.settler.returnClaims([bench.take(2)])
    await bench.chores.idle()
    expect(bench.claimed.room('a')).toBe(10) // in hand no more
    expect(bench.log.lines.filter((line) => line.includes('could not be handed back yet'))).toHaveLength(2)
    await expect(bench.settler.returnOwed()).rejects.toThrow('locked')
    bench.returns = () => undefined
    bench.does.length = 0
    await bench.settler.returnOwed()
    await bench.settler.returnOwed()
    expect(bench.does).toEqual(['return 1 due 700', 'return 2 due undefined'])
  })

  it('that this process has claimed again meanwhile are gone on with', async () => {
    const bench = new SettlerBench()
    const execution = bench.take(1)
    const again: unknown[] = []
    bench.claimed.reclaimed.listen((each) => again.push(each))
    bench.returns = () => bench.takeAgain(execution)
    bench.settler.returnClaims([execution])
    await bench.chores.idle()
    expect(again).toEqual([execution])
    expect(execution).toMatchObject({ isOver: false, claim: { token: 2 } })
  })
})

describe('a hook whose receiver wants nothing more', () => {
  const gone = { ...well, disabled: 'gone', hasTaken: false } as const

  it('is disabled before anybody hears of it, and told of once, whoever else says so', async () => {
    const bench = new SettlerBench()
    const [first, second] = [bench.take(1), bench.take(2)]
    const disabledThen: boolean[] = []
    const { told } = bench.waiters.wait(['dlv_1'])
    void told.then(() => disabledThen.push(bench.health.isDisabled('a')))
    const settled = await bench.settler.settle(hook, first, bench.report(first, delivered, gone))
    expect(settled).toMatchObject({ isDisabled: true })
    await bench.settler.settle(hook, second, bench.report(second, delivered, gone))
    expect(disabledThen).toEqual([true])
    expect(bench.does.filter((what) => !what.startsWith('settle'))).toEqual([
      'attempt 1',
      'disabled: gone',
      'attempt 1',
    ])
  })

  it('is so to the store too, when that is waited for', async () => {
    const bench = new SettlerBench()
    const saved = Promise.withResolvers<void>()
    bench.saves = saved.promise
    const execution = bench.take()
    const settled = bench.settler.settle(hook, execution, bench.report(execution, delivered, gone))
    expect(await isSettled(settled)).toBe(false)
    saved.resolve()
    expect(await settled).toMatchObject({ isDisabled: true })
  })

  it('is so here, and what waits for it ends, though the store cannot be told yet', async () => {
    const bench = new SettlerBench()
    bench.saves = Promise.reject(new Error('the disk is full'))
    const execution = bench.take()
    const settled = await bench.settler.settle(hook, execution, bench.report(execution, delivered, gone))
    expect(settled).toMatchObject({ isDisabled: true })
    expect(bench.log.lines.at(-1)).toMatch(/could not be saved yet.*"hookId":"a".*the disk is full/)
  })
})

describe('a hook that only fails', () => {
  it.each([
    [0.4, 'attempt 1'],
    [0.5, 'attempt 1, failing: 0.5'],
    [1, 'attempt 1, disabled: failing'],
  ])('for %d of its time is told of so: %s', async (share, told) => {
    const bench = new SettlerBench()
    const execution = bench.take()
    const report = bench.report(execution, delivered, failing)
    bench.health.failed('a', report.delivery.endedAt - share * hook.disableAfterMs)
    await bench.settler.settle(hook, execution, report)
    expect(bench.does.slice(1).join(', ')).toBe(told)
  })
})
