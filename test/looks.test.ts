import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Looks } from '../src/looks.ts'

/** Looks that end when the test says so. */
class Watched {
  readonly failures: unknown[] = []
  begun = 0
  readonly #running: PromiseWithResolvers<void>[] = []
  readonly looks = new Looks({
    look: () => {
      this.begun += 1
      const running = Promise.withResolvers<void>()
      this.#running.push(running)
      return running.promise
    },
    failed: (error) => void this.failures.push(error),
  })

  async end(error?: Error): Promise<void> {
    const running = this.#running.shift()
    if (error === undefined) running?.resolve()
    else running?.reject(error)
    await nextTurn()
  }

  get underWay(): number {
    return this.#running.length
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.finally(() => (settled = true))
  await nextTurn()
  return settled
}

describe('looks', () => {
  it('begin at once when nobody looks', () => {
    const watched = new Watched()
    watched.looks.ask()
    expect(watched.begun).toBe(1)
  })

  it('are one after another, and one for all that asked while somebody looked', async () => {
    const watched = new Watched()
    watched.looks.ask()
    for (let times = 0; times < 5; times += 1) watched.looks.ask()
    await nextTurn()
    expect([watched.begun, watched.underWay]).toEqual([1, 1])
    await watched.end()
    expect([watched.begun, watched.underWay]).toEqual([2, 1])
    await watched.end()
    expect([watched.begun, watched.underWay]).toEqual([2, 0])
  })

  it('may ask for another look', async () => {
    let left = 3
    const looks: Looks = new Looks({
      look: async () => {
        await nextTurn()
        left -= 1
        if (left > 0) looks.ask()
      },
      failed: () => undefined,
    })
    looks.ask()
    await looks.idle()
    expect(left).toBe(0)
  })

  it('tell of what fails, and go on with the one that was asked for meanwhile', async () => {
    const watched = new Watched()
    watched.looks.ask()
    watched.looks.ask()
    await watched.end(new Error('away'))
    expect(watched.failures).toEqual([new Error('away')])
    expect(watched.underWay).toBe(1)
    await watched.end()
    watched.looks.ask()
    expect([watched.begun, watched.failures.length]).toEqual([3, 1])
  })

  it('tell of a look that throws before it waits for anything', async () => {
    const failures: unknown[] = []
    const looks = new Looks({
      look: () => {
        throw new Error('at once')
      },
      failed: (error) => void failures.push(error),
    })
    looks.ask()
    await looks.idle()
    expect(failures).toEqual([new Error('at once')])
  })

  it('are idle when the last that was asked for is over', async () => {
    const watched = new Watched()
    expect(await isSettled(watched.looks.idle())).toBe(true)
    watched.looks.ask()
    watched.looks.ask()
    const idle = watched.looks.idle()
    await watched.end()
    expect(await isSettled(idle)).toBe(false)
    await watched.end()
    expect(await isSettled(idle)).toBe(true)
  })

  it('begin no more once they are closed, which waits for the one under way', async () => {
    const watched = new Watched()
    watched.looks.ask()
    watched.looks.ask()
    const closed = watched.looks.close()
    watched.looks.ask()
    expect(await isSettled(closed)).toBe(false)
    await watched.end()
    expect(await isSettled(closed)).toBe(true)
    watched.looks.ask()
    expect([watched.begun, watched.underWay]).toEqual([1, 0])
    expect(watched.failures).toEqual([]) // the one that never began has not failed
    await watched.looks.close()
  })

  it('tell of one that fails while they are closed', async () => {
    const watched = new Watched()
    watched.looks.ask()
    const closed = watched.looks.close()
    await watched.end(new Error('away'))
    await closed
    expect(watched.failures).toEqual([new Error('away')])
  })
})
