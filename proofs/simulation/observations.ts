import type { Dispatcher, DispatcherEvents, Verdict } from 'deploy-hooks'

type Seen<Name extends keyof DispatcherEvents> = DispatcherEvents[Name] & { readonly at: number }

/** What the dispatcher tells of itself, with the simulated time. */
export class Observations {
  /** When each attempt began. */
  readonly attempts: number[] = []
  readonly breaker: Seen<'breaker'>[] = []
  readonly failing: Seen<'hook-failing'>[] = []
  readonly disabled: Seen<'hook-disabled'>[] = []
  /** When, by delivery id. */
  readonly delivered: Map<string, number> = new Map()
  readonly dead: Map<string, Verdict> = new Map()

  constructor(dispatcher: Dispatcher, now: () => number) {
    dispatcher.on('attempt', ({ attempt }) => this.attempts.push(attempt.startedAt))
    dispatcher.on('breaker', (event) => this.breaker.push({ ...event, at: now() }))
    dispatcher.on('hook-failing', (event) => this.failing.push({ ...event, at: now() }))
    dispatcher.on('hook-disabled', (event) => this.disabled.push({ ...event, at: now() }))
    dispatcher.on('delivered', ({ delivery }) => this.delivered.set(delivery.id, now()))
    dispatcher.on('dead', ({ delivery, outcome }) => this.dead.set(delivery.id, outcome.verdict))
  }

  isFinal(deliveryId: string): boolean {
    return this.delivered.has(deliveryId) || this.dead.has(deliveryId)
  }
}
