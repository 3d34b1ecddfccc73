import { describe, expect, it } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { HealthSync } from '../../../src/dispatch/worker/health-sync.ts'
import { HookHealth } from '../../../src/dispatch/worker/health.ts'
import { LaneMemories } from '../../../src/dispatch/worker/lane-memories.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import { memoryStore, type HookState } from '../../../src/index.ts'
import { altered } from '../../testing/altered-store.ts'
import { newLog } from '../log.ts'
import { byIdOf, hooksOf, reporterTo } from './fakes.ts'

const now = (): number => 1000
const hooks = hooksOf(['a', 'b'].map((id) => ({ id, url: `http://${id}.example/` })))
const byId = byIdOf(hooks)

/** Over real lanes, memories and health, and a store that other processes use too. */
class Bench {
  readonly does: string[] = []
  readonly log = newLog()
  readonly lanes = new Lanes({ hooks: byId, overall: 512, now })
  readonly store = memoryStore()
  reads: () => Promise<void> = async () => undefined
  readonly health: HookHealth
  readonly sync: HealthSync

  constructor() {
    const { does, lanes, log, store } = this
    const hookStates = async (): Promise<readonly HookState[]> => {
      does.push('read')
      await this.reads()
      return store.hookStates()
    }
    const setHookStates: typeof store.setHookStates = async (states) => {
      does.push('save')
      await store.setHookStates(states)
    }
    const wakes = new WakeTimer(now)
    wakes.woken.listen(() => void does.push('look'))
    const health = new HookHealth(altered(store, { hookStates, setHookStates }), (id) => byId.get(id))
    this.health = health
    const shared = { hooks: byId, health, lanes, reporter: reporterTo(log), now }
    const ownership = { isShared: false, remember: () => undefined }
    const memories = new LaneMemories({ ...shared, ownership, chores: new Chores() })
    const mover = {
      begin: async () => void does.push('move first'),
      go: () => void does.push('move on'),
      close: () => void does.push('move no more'),
    }
    const naming = { go: () => void does.push('name') }
    this.sync = new HealthSync({ ...shared, memories, mover, naming, wakes })
  }

  done(): readonly string[] {
    return this.does.splice(0)
  }

  async said(hookId: string, state: Partial<HookState>): Promise<void> {
    await this.store.setHookStates([{ hookId, enabled: true, since: 1, reason: 'operator', ...state }])
  }
}

describe('what the store knows of hooks', () => {
  it('is read once, by all who ask at once', async () => {
    const bench = new Bench()
    await bench.said('a', { enabled: false })
    expect(bench.sync.isOpen).toBe(false)
    await Promise.all([bench.sync.open(), bench.sync.open()])
    expect(bench.done()).toEqual(['read'])
    expect([bench.sync.isOpen, bench.health.isDisabled('a')]).toEqual([true, true])
  })

  it('is read again after a fault of the store', async () => {
    const bench = new Bench()
    bench.reads = () => Promise.reject(new Error('locked'))
    await expect(bench.sync.open()).rejects.toThrow('locked')
    expect(bench.sync.isOpen).toBe(false)
    bench.reads = async () => undefined
    await bench.sync.open()
    expect(bench.sync.isOpen).toBe(true)
  })

  it('is read by a worker when what is under former ids was moved, also if it was read before', async () => {
    const bench = new Bench()
    bench.sync.move()
    await bench.sync.open()
    bench.sync.becomeWorker()
    expect(bench.sync.isOpen).toBe(false)
    await bench.sync.open()
    expect(bench.done()).toEqual(['read', 'move first', 'read', 'move on', 'name'])
    expect(bench.sync.isOpen).toBe(true)
  })

  it('is not taken for read when this process became a worker meanwhile', async () => {
    const bench = new Bench()
    bench.reads = async () => bench.sync.becomeWorker()
    await bench.sync.open()
    expect(bench.sync.isOpen).toBe(false)
  })

  it('has a lane left alone as the process before left it', async () => {
    const bench = new Bench()
    await bench.said('a', { memory: { closedUntil: 9000 } })
    await bench.sync.open()
    expect(bench.lanes.lane('a').closedUntil).toBe(9000)
  })
})

describe('what others said since', () => {
  it('counts here as if it had been said here', async () => {
    const bench = new Bench()
    await bench.sync.see() // which opens first
    bench.lanes.lane('a').pause(9000)
    bench.lanes.lane('b').pause(9000)
    await bench.said('a', {})
    await bench.said('b', { enabled: false })
    await bench.said('other', { enabled: false })
    bench.done()
    await bench.sync.see()
    expect(['a', 'b'].map((id) => bench.lanes.lane(id).closedUntil)).toEqual([0, 0])
    expect(bench.lanes.lane('a').breaker?.state).toBe('half-open') // one is tried
    expect(bench.lanes.lane('b').breaker?.state).toBe('closed')
    expect(bench.done().filter((what) => what === 'look')).toHaveLength(2)
  })

  it('of a pause is heard, unless an operator has ended it', async () => {
    const bench = new Bench()
    await bench.sync.open()
    const memory = { closedUntil: 9000 }
    await bench.said('a', { memory, reason: 'remembered' })
    await bench.said('b', { memory })
    await bench.said('other', { memory })
    await bench.sync.see()
    expect(['a', 'b'].map((id) => bench.lanes.lane(id).closedUntil)).toEqual([9000, 0])
  })
})

describe('the last word', () => {
  it('is how all stands, unless the store was given up; and nothing is moved any more', async () => {
    for (const isGivenUp of [false, true]) {
      const bench = new Bench()
      await bench.sync.open()
      bench.health.failed('a', 1)
      bench.done()
      bench.sync.close()
      if (isGivenUp) bench.sync.giveUp()
      await bench.sync.saveLast()
      expect(bench.done()).toEqual(isGivenUp ? ['move no more'] : ['move no more', 'save'])
      expect(await bench.store.hookStates()).toHaveLength(isGivenUp ? 0 : 1)
    }
  })
})
