import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Session } from '../../src/stores/postgres/session.ts'

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  void promise.then(() => (settled = true))
  for (let turns = 0; turns < 3; turns += 1) await nextTurn()
  return settled
}

describe('a session of a store', () => {
  it('prepares once, before anything is done, and again only after a fault', async () => {
    const done: string[] = []
    const session = new Session(async () => {
      done.push('prepared')
      if (done.length === 1) throw new Error('away')
    })
    const work = (name: string) => (): Promise<number> => Promise.resolve(done.push(name))
    const failed = await Promise.allSettled([session.do(work('1')), session.do(work('2'))])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await Promise.all([session.do(work('3')), session.do(work('4'))])
    expect(done).toEqual(['prepared', 'prepared', '3', '4'])
  })

  it('ends when what was asked before is done, and what that left to be done, and refuses what comes later', async () => {
    const session = new Session(() => Promise.resolve())
    const [asked, followed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const work = session
      .do(() => asked.promise)
      .then(nextTurn)
      .then(() => session.track(followed.promise))
    const closed = session.close()
    await expect(session.do(() => Promise.resolve())).rejects.toMatchObject({ code: 'store_closed' })
    expect(await isSettled(closed)).toBe(false)
    asked.resolve()
    expect(await isSettled(closed)).toBe(false)
    followed.resolve()
    await Promise.all([work, closed])
  })

  it('ends also when what was asked fails, which whoever asked is told', async () => {
    const session = new Session(() => Promise.resolve())
    const failing = session.do(() => Promise.reject(new Error('away')))
    await Promise.all([expect(failing).rejects.toThrow('away'), session.close()])
  })
})
