import type { Logger } from '../logger.ts'
import type { Attempt, Delivery } from '../stores/store.ts'
import type { DeadEvent, Events, HookInfo } from './events.ts'
import type { Hook } from './hook.ts'

/** Tells what became of deliveries: events for programs, and log lines for what an operator should see. */
export class Reporter {
  readonly #events: Events
  readonly #logger: Logger

  constructor(events: Events, logger: Logger) {
    this.#events = events
    this.#logger = logger
  }

  attempted(hook: Hook, delivery: Delivery, attempt: Attempt): void {
    const about = { hook: infoOf(hook), delivery }
    const { outcome } = attempt
    this.#events.emit('attempt', { ...about, attempt })
    switch (outcome.kind) {
      case 'retry':
        this.#events.emit('retrying', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'delivered':
        this.#events.emit('delivered', { ...about, attempt: { ...attempt, outcome } })
        break
      case 'dead':
        this.#dead({ ...about, outcome, attempt })
        break
    }
  }

  /** Of a hook that was disabled before. */
  ended(hook: Hook, delivery: Delivery, outcome: DeadEvent['outcome']): void {
    this.#dead({ hook: infoOf(hook), delivery, outcome })
  }

  #dead(event: DeadEvent): void {
    const { hook, delivery, outcome } = event
    const { reason, verdict } = outcome
    this.#events.emit('dead', event)
    this.#logger.warn('A delivery is dead', { ...hook, deliveryId: delivery.id, reason, verdict })
  }

  disabled(hook: Hook): void {
    this.#events.emit('hook-disabled', { hook: infoOf(hook), reason: 'gone' })
    this.#logger.warn('A hook is disabled: its receiver answered 410 Gone', { ...infoOf(hook) })
  }

  /** Another process has claimed the delivery: this one stood still for longer than a lease, or its store did. */
  takenOver(delivery: Delivery): void {
    const message = 'A delivery was sent after its lease had ended, and may have been sent twice'
    this.#logger.warn(message, { deliveryId: delivery.id })
  }

  fault(what: string, error: unknown, fields?: Readonly<Record<string, unknown>>): void {
    this.#logger.error(what, { ...fields, error: String(error) })
  }
}

function infoOf(hook: Hook): HookInfo {
  return { id: hook.id, url: hook.url.wire.base }
}
