import { describe, expect, it } from 'vitest'
import { Chores } from '../../../src/dispatch/worker/chores.ts'
import { Naming } from '../../../src/dispatch/worker/naming.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import type { HookName } from '../../../src/index.ts'

const hook = { id: 'a', shown: 'https://a.example/…', target: { name: 'slack' } } as unknown as Hook

/** Over a store that rejects with these at first. */
function scripted(faults: Error[]) {
  const calls: (readonly HookName[])[] = []
  const logged: unknown[] = []
  const chores = new Chores()
  const script = { now: 1_000_000, calls, logged }
  const naming = new Naming({
    hooks: new Map([['a', hook]]),
    chores,
    now: () => script.now,
    reporter: { fault: (_: string, error: unknown) => void logged.push(error) },
    store: {
      async nameHooks(names: readonly HookName[]) {
        calls.push(names)
        const fault = faults.shift()
        if (fault !== undefined) throw fault
      },
    },
  })
  const beat = (): Promise<void> => {
    naming.go()
    naming.go()
    return chores.idle()
  }
  return Object.assign(script, { beat })
}

describe('naming hooks', () => {
  it('tells the store once what each is called', async () => {
    const { beat, calls, logged } = scripted([])
    await beat()
    await beat()
    expect(calls).toEqual([
      [{ hookId: 'a', shown: 'https://a.example/…', target: 'slack', since: 1_000_000 }],
    ])
    expect(logged).toEqual([])
  })

  it('logs a fault of the store once, and tries again after ever longer pauses', async () => {
    const faults = [new Error('full'), new Error('full still'), new Error('and again')]
    const script = scripted([...faults])
    const pauses = [5000, 10_000, 20_000]
    await script.beat()
    for (const [index, pause] of pauses.entries()) {
      script.now += pause - 1
      await script.beat()
      expect(script.calls).toHaveLength(index + 1)
      script.now += 1
      await script.beat()
      expect(script.calls).toHaveLength(index + 2)
    }
    script.now += 3_600_000
    await script.beat()
    expect(script.calls).toHaveLength(4)
    expect(script.logged).toEqual([faults[0]])
  })
})
