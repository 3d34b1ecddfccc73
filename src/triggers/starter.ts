import PQueue from 'p-queue'
import type { Logger } from '../logger.ts'
import { Looks } from '../looks.ts'
import { mismatch } from '../option-problems.ts'
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
const startedStatuses: readonly string[] = ['running', 'succeeded', 'failed', 'canceled', 'skipped']

/** Starts what is due: takes it from the store, one of a lane at a time, and has the platform start it. */
export class Starter {
  readonly #options: StarterOptions
  readonly #queue: PQueue
  readonly #closing = new AbortController()
  /** Lanes that are asked about in this process now. */
  readonly #lanes = new Set<string>()
  readonly #looks: Looks
  #timer: NodeJS.Timeout | undefined

  constructor(options: StarterOptions) {
    this.#options = options
    this.#queue = new PQueue({ concurrency: options.startsAtOnce })
    this.#looks = new Looks({
      look: () => this.#look(),
      failed: (error) => {
        options.logger.warn('Triggers could not be looked for', { error: textOfError(error) })
        this.#lookIn(lookEveryMs)
      },
    })
  }

  /** Looks for what is due; once more if it was asked to meanwhile. */
  look(): void {
    this.#looks.ask()
  }

  /** Waits for what has begun. What has not is started by whoever looks next. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#queue.clear()
    await this.#looks.close()
    clearTimeout(this.#timer)
    await this.#queue.onIdle()
  }

  async #look(): Promise<void> {
    const { records, now, runsAtMostMs, startsAtOnce } = this.#options
    const at = now()
    const lanes = await records.dueLanes(at, 2 * startsAtOnce, runsAtMostMs)
    for (const lane of lanes) this.#enqueue(lane)
    const nextAt = await records.nextDueAt(at)
    // What is due now was among the lanes: it is begun, or waits for a place, or cannot begin yet.
    const isLater = nextAt !== undefined && nextAt > at
    this.#lookIn(isLater ? Math.max(1, Math.min(lookEveryMs, nextAt - now())) : lookEveryMs)
  }

  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#closing.signal.aborted) return
    this.#timer = setTimeout(() => this.look(), ms)
    this.#timer.unref()
  }

  /** What has begun makes room, so that it looks again. What could not waits for the next look: asked at once, it might never end. */
  #enqueue(lane: string): void {
    if (this.#lanes.has(lane) || this.#queue.size > 2 * this.#options.startsAtOnce) return
    this.#lanes.add(lane)
    void this.#queue.add(async () => {
      let hasBegun = false
      try {
        hasBegun = !this.#closing.signal.aborted && (await this.#startOf(lane))
      } catch (error) {
        this.#options.logger.warn('A deployment could not be started yet', { error: textOfError(error) })
      } finally {
        this.#lanes.delete(lane)
      }
      if (hasBegun) this.look()
    })
  }

  /** @returns whether there was one to start */
  async #startOf(lane: string): Promise<boolean> {
    const { records, now, startWithinMs, runsAtMostMs } = this.#options
    const until = now() + startWithinMs + leaseBeyondMs
    const begun = await records.start(lane, now(), until, runsAtMostMs)
    if (begun === undefined) return false
    const { deployment, cancels } = begun
    let result: StartResult
    try {
      result = resultOf(await this.#ask(deployment, cancels))
    } catch (error) {
      await this.#failed(deployment, error)
      return true
    }
    await records.started(deployment.id, deployment.attempt, result, now())
    const started = await records.deployment(deployment.id)
    if (started !== undefined) this.#options.events.emit('deployment-started', { deployment: started })
    return true
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
function resultOf(given: Started | undefined): StartResult {
  if (typeof given !== 'object' || given === null)
    throw new TypeError(mismatch('`onTrigger` to give what it started', given, 'return its `id`'))
  const { id, url, branch, status = 'running' } = given
  if (typeof id !== 'string' || id === '')
    throw new TypeError(mismatch('`onTrigger` to give an `id`', id, 'return that of what it started'))
  if (!startedStatuses.includes(status))
    throw new TypeError(
      mismatch(`\`onTrigger\` to give a \`status\` of ${startedStatuses.join(', ')}`, status, 'correct it'),
    )
  return {
    externalId: id,
    ...(isWebUrl(url) ? { url } : undefined),
    ...(branch === undefined ? undefined : { branch }),
    status,
  }
}
