import PQueue from 'p-queue'
import type { Logger } from '../logger.ts'
import { textOfError, shownText } from '../shown-text.ts'
import type { CallRecord, DeploymentRecord, StartResult, TriggerRecords } from '../stores/triggers/records.ts'
import { shownTrigger } from './trigger.ts'
import type { TriggersEmitter } from './trigger-events.ts'
import { isWebUrl } from './web-url.ts'
import type { Started, TriggersOptions, TriggerStart } from './options.ts'

export interface StarterOptions {
  readonly records: TriggerRecords
  readonly onTrigger: TriggersOptions['onTrigger']
  readonly startWithinMs: number
  readonly runsAtMostMs: number
  readonly startsAtOnce: number
  readonly logger: Logger
  readonly events: Pick<TriggersEmitter, 'emit'>
  readonly now: () => number
}

/** How often it is looked for what other processes have taken, or left. */
const lookEveryMs = 5000
const mostFailures = 3
/** After a failed start, times the number of it. */
const pauseMs = 2000
/** A lease outlasts the start that it is for. */
const leaseBeyondMs = 5000
const longestError = 500

/** Starts what is due: takes it from the store, one of a lane at a time, and has the platform start it. */
export class Starter {
  readonly #options: StarterOptions
  readonly #queue: PQueue
  readonly #closing = new AbortController()
  /** Lanes that are asked about in this process now. */
  readonly #lanes = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #looksAgain = false

  constructor(options: StarterOptions) {
    this.#options = options
    this.#queue = new PQueue({ concurrency: options.startsAtOnce })
  }

  /** Looks for what is due; once more if it was asked to meanwhile. */
  look(): void {
    if (this.#closing.signal.aborted) return
    this.#looksAgain = this.#looking !== undefined
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (this.#looksAgain) this.look()
    })
  }

  /** Waits for what has begun. What has not is started by whoever looks next. */
  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    this.#queue.clear()
    await this.#looking
    await this.#queue.onIdle()
  }

  async #look(): Promise<void> {
    const { records, now, runsAtMostMs, startsAtOnce, logger } = this.#options
    clearTimeout(this.#timer)
    let nextAt: number | undefined
    try {
      const lanes = await records.dueLanes(now(), 2 * startsAtOnce, runsAtMostMs)
      for (const lane of lanes) this.#enqueue(lane)
      nextAt = await records.nextDueAt(now())
    } catch (error) {
      logger.warn('Triggers could not be looked for', { error: textOfError(error) })
    }
    if (this.#closing.signal.aborted) return
    const waitMs = Math.max(1, Math.min(lookEveryMs, (nextAt ?? Infinity) - now()))
    this.#timer = setTimeout(() => this.look(), waitMs)
    this.#timer.unref()
  }

  #enqueue(lane: string): void {
    if (this.#lanes.has(lane) || this.#queue.size > 2 * this.#options.startsAtOnce) return
    this.#lanes.add(lane)
    void this.#queue.add(async () => {
      try {
        if (!this.#closing.signal.aborted) await this.#startOf(lane)
      } catch (error) {
        this.#options.logger.warn('A deployment could not be started yet', { error: textOfError(error) })
      } finally {
        this.#lanes.delete(lane)
      }
      this.look()
    })
  }

  async #startOf(lane: string): Promise<void> {
    const { records, now, startWithinMs, runsAtMostMs } = this.#options
    const until = now() + startWithinMs + leaseBeyondMs
    const begun = await records.start(lane, now(), until, runsAtMostMs)
    if (begun === undefined) return
    const { deployment, cancels } = begun
    let result: StartResult
    try {
      result = resultOf(await this.#ask(deployment, cancels))
    } catch (error) {
      await this.#failed(deployment, error)
      return
    }
    await records.started(deployment.id, deployment.attempt, result, now())
    const started = await records.deployment(deployment.id)
    if (started !== undefined) this.#options.events.emit('deployment-started', { deployment: started })
  }

  async #ask(deployment: DeploymentRecord, cancels: readonly DeploymentRecord[]): Promise<Started> {
    const { records, onTrigger, startWithinMs } = this.#options
    const { id: deploymentId, triggerId, callId, app, environment, facts, createdAt: at } = deployment
    const trigger = await records.get(triggerId)
    if (trigger === undefined) throw new Error('Expected its trigger, which is gone')
    const known = await records.call(callId)
    const call: CallRecord = known ?? { id: callId, triggerId, at, outcome: 'started', deploymentId } // pruned from the audit
    const { params, ...others } = facts
    const tooLong = AbortSignal.timeout(startWithinMs)
    const start: TriggerStart = {
      trigger: shownTrigger(trigger),
      app,
      environment,
      params,
      facts: others,
      call,
      deploymentId,
      cancels: cancels.map(({ id, externalId }) => ({ deploymentId: id, id: externalId })),
      signal: AbortSignal.any([tooLong, this.#closing.signal]),
    }
    const { promise, reject } = Promise.withResolvers<never>()
    tooLong.addEventListener(
      'abort',
      () => reject(new Error(`Expected a start within ${startWithinMs} ms`)),
      { once: true },
    )
    // What it throws at once is a rejection, too: or nobody would hear that it was too late.
    return Promise.race([new Promise<Started>((resolve) => resolve(onTrigger(start))), promise])
  }

  async #failed(deployment: DeploymentRecord, error: unknown): Promise<void> {
    const { records, now, logger, events } = this.#options
    const { id, attempt } = deployment
    const text = shownText(textOfError(error)).slice(0, longestError)
    // Who is closed ends what it was starting: that is no failure, and the next process goes on with it.
    const isClosing = this.#closing.signal.aborted
    const failures = deployment.failures + (isClosing ? 0 : 1)
    const isLast = failures >= mostFailures
    logger[isLast ? 'error' : 'warn']('A deployment could not be started', {
      deploymentId: id,
      attempt,
      error: text,
    })
    const pause = isClosing ? 0 : failures * pauseMs
    await records.notStarted(id, attempt, text, isLast ? null : now() + pause, now(), failures)
    events.emit('deployment-not-started', { deployment, error: text, again: !isLast })
  }
}

/** @throws {TypeError} for what is no start */
function resultOf({ id, url, branch, status = 'running' }: Started): StartResult {
  if (typeof id !== 'string' || id === '')
    throw new TypeError('Expected `onTrigger` to give the `id` of what it started')
  return {
    externalId: id,
    ...(isWebUrl(url) ? { url } : undefined),
    ...(branch === undefined ? undefined : { branch }),
    status,
  }
}
