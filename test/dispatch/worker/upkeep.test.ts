import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { Upkeep } from '../../../src/dispatch/worker/upkeep.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import { newLog } from '../log.ts'
import { reporterTo } from './fakes.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  return () => vi.useRealTimers()
})

/** An upkeep that tells what it does; what is named in `faults` fails, what is in `gates` takes so long. */
function newUpkeep(gates: Record<string, Promise<void>> = {}) {
  const does: string[] = []
  const log = newLog()
  const wakes = new WakeTimer(Date.now)
  wakes.woken.listen(() => void does.push('look'))
  const asked = async (what: string): Promise<void> => {
    does.push(what)
    await gates[what]
  }
  const upkeep = new Upkeep({
    settler: { returnOwed: () => asked('return what is owed') },
    healthSync: {
      see: () => asked('see'),
      move: () => void does.push('move'),
      save: () => asked('save'),
    },
    lanes: { dropThoseAtRest: () => void does.push('drop lanes') },
    watcher: { tellAllFinal: () => asked('tell'), close: () => void does.push('close watcher') },
    wakes,
    chores: new Chores(),
    reporter: reporterTo(log),
  })
  return { does, log, upkeep }
}

const beat = ['drop lanes', 'return what is owed', 'see', 'move', 'save', 'tell', 'look']

describe('upkeep', () => {
  it('makes up for what failed, sees what others changed, forgets lanes at rest, and looks for what is due, at every beat', async () => {
    const { does, log, upkeep } = newUpkeep()
    await vi.advanceTimersByTimeAsync(4999)
    expect(does).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(does).toEqual(beat)
    await vi.advanceTimersByTimeAsync(5000)
    upkeep.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(does).toEqual([...beat, ...beat, 'close watcher'])
    expect(log.lines).toEqual([])
  })

  it('looks for what is due, though the store failed before that, and begins anew at the next beat', async () => {
    const gates: Record<string, Promise<void>> = {}
    const { does, log, upkeep } = newUpkeep(gates)
    const fault = Promise.reject(new Error('locked'))
    fault.catch(() => undefined)
    gates['see'] = fault
    await vi.advanceTimersByTimeAsync(5000)
    expect(does.splice(0)).toEqual(['drop lanes', 'return what is owed', 'see', 'look'])
    expect(log.lines).toEqual([expect.stringContaining('locked')])
    delete gates['see']
    await vi.advanceTimersByTimeAsync(5000)
    upkeep.stop()
    expect(does).toEqual([...beat, 'close watcher'])
  })

  it('is done one beat at a time, however long a store takes', async () => {
    const saved = Promise.withResolvers<void>()
    const gates: Record<string, Promise<void>> = { save: saved.promise }
    const { does, upkeep } = newUpkeep(gates)
    await vi.advanceTimersByTimeAsync(17_000)
    expect(does).toEqual(beat.slice(0, 5))
    saved.resolve()
    await vi.advanceTimersByTimeAsync(3000)
    upkeep.stop()
    expect(does).toEqual([...beat, ...beat, 'close watcher'])
  })
})
