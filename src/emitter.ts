import type { Channel } from 'node:diagnostics_channel'
import { ConfigurationError } from './errors.ts'
import type { Logger } from './logger.ts'
import { mismatch } from './option-problems.ts'
import { onRejection } from './rejection.ts'
import { textOfError } from './shown-text.ts'

/**
 * Tells listeners, and publishes to the diagnostics channels `deploy-hooks:<event>`. A listener that throws or rejects is logged, and neither stops
 * the others nor what is told of.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>()
  readonly #channels: Readonly<Record<keyof Events, Channel>>
  readonly #logger: Logger

  /** @param channels one for each event */
  constructor(channels: Readonly<Record<keyof Events, Channel>>, logger: Logger) {
    this.#channels = channels
    this.#logger = logger
  }

  /**
   * @returns a function that takes the listener off again
   * @throws {@link ConfigurationError} `option_invalid`
   */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    if (!Object.hasOwn(this.#channels, name)) {
      const message = mismatch(
        'the name of an event',
        name,
        `give one of ${Object.keys(this.#channels).join(', ')}`,
      )
      throw new ConfigurationError('option_invalid', 'event', message)
    }
    if (typeof listener !== 'function') {
      const message = mismatch('a function', listener, 'give one that takes the event')
      throw new ConfigurationError('option_invalid', 'listener', message)
    }
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  /** Whether anybody would hear it. */
  isHeard(name: keyof Events): boolean {
    return this.#channels[name].hasSubscribers || (this.#listeners.get(name)?.size ?? 0) > 0
  }

  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    const failed = (how: string) => (error: unknown) =>
      this.#logger.error(`A listener of '${String(name)}' ${how}`, { error: textOfError(error) })
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        onRejection((listener as (event: unknown) => unknown)(event), failed('rejected'))
      } catch (error) {
        failed('threw')(error)
      }
    }
    this.#channels[name].publish(event)
  }
}
