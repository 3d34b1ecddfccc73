import type { Claim } from '../../stores/store.ts'
import type { RenderedRequest } from '../../targets/render.ts'
import { noStep, type Step } from '../../hooks/steps.ts'

/** The time for which a hook is this process's without a break. */
export interface Term {
  /** Whether a request may be started: the hook is this process's still, and certainly so. */
  readonly holds: boolean
  /** Whether it will be: nobody else has asked for it, or got it. */
  readonly stays: boolean
}

/** A claimed delivery on its way, from when it was claimed until it is settled or returned. */
export class Execution {
  /** As it was when its place was taken: what is sent is sent under it. */
  claim: Claim
  /** As it is: another one when the lease had ended and this process has claimed the delivery again. */
  current: Claim
  /** In which it was claimed. */
  term: Term
  /** Epoch milliseconds until which nobody else is given it. */
  until: number
  /** It is settled or returned, and in hand no more. */
  isOver = false
  /** What is sent for it this time: of its target, and once its place was taken. */
  step: Step = noStep
  /** Rendered and signed once, so that a repeat is the same to the byte. */
  request: RenderedRequest | undefined = undefined
  /** Whether the store knows that it is on its way; `undefined` while it need not know. */
  marked: boolean | undefined = undefined
  /** The hook's pace has counted it. */
  isPaced = false
  /** Connections tried so far. */
  connects = 0
  /** Epoch milliseconds of the first one. */
  startedAt = 0

  constructor(claim: Claim, term: Term, until: number) {
    this.claim = claim
    this.current = claim
    this.term = term
    this.until = until
  }

  get hookId(): string {
    return this.claim.delivery.hookId
  }

  /** It was claimed again, by this process. */
  claimedAgain(claim: Claim, term: Term, until: number): void {
    this.current = claim
    this.term = term
    this.until = until
  }

  /** A place was taken. While it waited another process may have gone on with it before this one claimed it again. */
  begin(steps: readonly Step[]): void {
    if (this.connects > 0) return
    this.claim = this.current
    this.step = steps[this.claim.delivery.progress?.step ?? 0] ?? noStep
  }

  /** Not when the hook, or the delivery itself, may be another process's by now: a store that stood still has kept no lease. */
  mayStart(now: number): boolean {
    return !this.isOver && this.claim === this.current && now < this.until && this.term.holds
  }

  /** Goes on under the claim as it is, with an attempt of its own. */
  restart(): void {
    this.claim = this.current
    this.request = undefined
    this.marked = undefined
    this.isPaced = false
    this.connects = 0
  }
}
