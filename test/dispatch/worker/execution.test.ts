import { describe, expect, it } from 'vitest'
import { Execution, type Term } from '../../../src/dispatch/worker/execution.ts'
import { claimOf, held, hookOf } from './fakes.ts'

const { steps } = hookOf()
const first = claimOf('dlv', {}, 1)
const again = claimOf('dlv', { attempts: 1 }, 2)
const now = 1000
const until = 2000

describe('a delivery in hand', () => {
  it('may start until its lease ends, in a term that holds, and not once it is over', () => {
    const term: { -readonly [Name in keyof Term]: Term[Name] } = { holds: true, stays: false }
    const execution = new Execution(first, term, until)
    expect(execution).toMatchObject({ hookId: 'a', connects: 0, isPaced: false, isOver: false })
    expect(execution.mayStart(until - 1)).toBe(true)
    expect(execution.mayStart(until)).toBe(false)
    term.holds = false
    expect(execution.mayStart(now)).toBe(false)
    term.holds = true
    execution.isOver = true
    expect(execution.mayStart(now)).toBe(false)
  })

  it('that is claimed again before it has a place starts under the new claim, lease and term', () => {
    const lost: Term = { holds: false, stays: false }
    const execution = new Execution(first, lost, now)
    execution.claimedAgain(again, held, until)
    expect(execution.mayStart(now)).toBe(false) // its place has begun under none
    execution.begin(steps)
    expect(execution.claim).toBe(again)
    expect(execution.step).toBe(steps[0])
    expect(execution.mayStart(now)).toBe(true)
  })

  it('that is claimed again between two connections starts no more: another process may have sent it', () => {
    const execution = new Execution(first, held, until)
    execution.begin(steps)
    execution.connects = 1
    execution.claimedAgain(again, held, until)
    execution.begin(steps)
    expect([execution.claim, execution.current]).toEqual([first, again])
    expect(execution.mayStart(now)).toBe(false)
  })

  it('goes on with an attempt of its own when it is started anew', () => {
    const execution = new Execution(first, held, until)
    Object.assign(execution, { connects: 3, isPaced: true, marked: true, request: {} })
    execution.claimedAgain(again, held, until + 1)
    execution.restart()
    const { claim, connects, isPaced, marked, request } = execution
    expect({ claim, connects, isPaced, marked, request }).toEqual({
      claim: again,
      connects: 0,
      isPaced: false,
    })
    expect(execution.mayStart(until)).toBe(true)
  })
})
