import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution } from '../../../src/dispatch/worker/execution.ts'
import { claimOf, held, isSettled } from './fakes.ts'

const most = 2
const hooks = ['a', 'b'] as const
type HookId = (typeof hooks)[number]

type Step =
  | { readonly kind: 'reserve' | 'cancel' | 'expect more' | 'expect no more'; readonly hookId: HookId }
  | { readonly kind: 'put' | 'add'; readonly hookId: HookId; readonly id: string }
  | { readonly kind: 'finish' | 'finish by the old claim' | 'leave'; readonly index: number }

const hookId = fc.constantFrom(...hooks)
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('reserve', 'reserve', 'cancel', 'expect more', 'expect no more'),
      hookId,
    }),
    fc.record({ kind: fc.constantFrom('put', 'add'), hookId, id: fc.constantFrom('1', '2') }),
    fc.record({ kind: fc.constantFrom('finish', 'finish by the old claim', 'leave'), index: fc.nat(5) }),
  ),
  { maxLength: 60, size: 'max' },
)

/** What should be so: what is handed out by hook and not given back, in plain lists. */
class Model {
  readonly claimed = new ClaimedDeliveries({ mostHeld: () => most })
  readonly reserved: Record<HookId, number> = { a: 0, b: 0 }
  readonly more = new Set<HookId>()
  out: Execution[] = []
  /** What should have been told or returned, and what was. */
  readonly expected: unknown[] = []
  readonly told: unknown[] = []
  #token = 0

  constructor() {
    this.claimed.emptied.listen((hookId) => this.told.push(`${hookId} is empty`))
    this.claimed.roomy.listen(() => this.told.push('room'))
    this.claimed.reclaimed.listen((execution) => this.told.push(`${execution.current.token} again`))
  }

  held(hookId: HookId): number {
    return this.reserved[hookId] + this.out.filter((each) => each.hookId === hookId).length
  }

  do(step: Step): void {
    if ('index' in step) this.#go(step.kind, this.out[step.index % this.out.length])
    else if ('id' in step) this.#take(step.kind, step.hookId, step.hookId + step.id)
    else this.#room(step.kind, step.hookId)
    this.#compare()
  }

  #room(kind: Step['kind'], hookId: HookId): void {
    const { claimed, more, reserved } = this
    if (kind === 'reserve') {
      const isRoom = !more.has(hookId) && this.held(hookId) < most
      if (isRoom) reserved[hookId] += 1
      else more.add(hookId)
      this.#same(isRoom, claimed.reserve(hookId))
    } else if (kind === 'cancel' && reserved[hookId] > 0) {
      reserved[hookId] -= 1
      this.#given(hookId)
      claimed.cancel(hookId)
    } else if (kind.startsWith('expect')) {
      if (kind === 'expect more') more.add(hookId)
      else more.delete(hookId)
      claimed.expect(hookId, kind === 'expect more')
    }
  }

  #take(kind: 'put' | 'add', hookId: HookId, id: string): void {
    const claim = claimOf(id, { hookId }, (this.#token += 1))
    const before = this.out.find(({ claim, isOver }) => claim.delivery.id === id && !isOver)
    if (kind === 'add') {
      const added = this.claimed.add(claim, held, 1)
      this.#same(before?.current, added === undefined ? claim : undefined)
      if (added !== undefined) this.out.push(added)
    } else if (this.reserved[hookId] > 0) {
      this.reserved[hookId] -= 1
      const put = this.claimed.put(claim, held, 1)
      this.out.push(put)
      this.#same(before === undefined, put.mayStart(0))
    }
  }

  #go(kind: Step['kind'], execution: Execution | undefined): void {
    if (execution === undefined) return
    const { claim, current, hookId, isOver } = execution
    if (kind === 'leave') {
      if (isOver) this.out = this.out.filter((each) => each !== execution)
      if (isOver) this.#given(hookId as HookId)
      else this.expected.push(`${current.token} again`)
      this.claimed.leave(execution)
      this.#same(isOver ? claim : current, execution.claim)
      return
    }
    const by = kind === 'finish' ? current : claim
    this.claimed.finish(execution, by)
    this.#same(isOver || by === current, execution.isOver)
  }

  #compare(): void {
    const { claimed, more } = this
    const inHand = this.out.filter(({ isOver }) => !isOver).map(({ claim }) => claim.delivery.id)
    this.#same(inHand.toSorted(), claimed.executions.map(({ claim }) => claim.delivery.id).toSorted())
    this.#same([inHand.length, true], [new Set(inHand).size, inHand.every((id) => claimed.has(id))])
    for (const hookId of hooks) {
      const held = this.held(hookId)
      const seen = [claimed.room(hookId), claimed.hasAny(hookId), claimed.expectsMore(hookId)]
      this.#same([Math.max(0, most - held), held > 0, more.has(hookId)], seen)
    }
  }

  #same(expected: unknown, came: unknown): void {
    this.expected.push(expected)
    this.told.push(came)
  }

  #given(hookId: HookId): void {
    if (this.more.has(hookId) && most - this.held(hookId) >= most / 2) this.expected.push('room')
    if (this.held(hookId) === 0) this.expected.push(`${hookId} is empty`)
  }
}

describe('what is claimed', () => {
  it('is in hand once, in the room that it takes, whatever is done with it in which order', async () => {
    const property = fc.asyncProperty(steps, async (steps) => {
      const model = new Model()
      for (const step of steps) model.do(step)
      expect(model.told).toEqual(model.expected)
      const isEmpty = hooks.every((hookId) => model.held(hookId) === 0)
      expect(await isSettled(model.claimed.idle())).toBe(isEmpty)
    })
    await fc.assert(property)
  })

  it('is waited for until nothing is left', async () => {
    const claimed = new ClaimedDeliveries({ mostHeld: () => most })
    claimed.reserve('a')
    const idle = [claimed.idle(), claimed.idle()]
    const execution = claimed.put(claimOf('dlv'), held, 1)
    claimed.finish(execution, execution.current)
    expect(await isSettled(Promise.race(idle))).toBe(false)
    claimed.leave(execution)
    await Promise.all(idle)
  })
})
