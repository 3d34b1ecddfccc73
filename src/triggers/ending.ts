import { setTimeout as sleep } from 'node:timers/promises'
import { shownText } from '../shown-text.ts'
import type { DeploymentRecord, TriggerRecords } from '../stores/triggers/records.ts'
import type { FinishedStatus } from './options.ts'
import type { TriggersEmitter } from './trigger-events.ts'
import { isWebUrl } from './web-url.ts'

interface EndingOptions {
  readonly records: Pick<TriggerRecords, 'deployment' | 'finish'>
  readonly events: Pick<TriggersEmitter, 'on' | 'emit'>
  readonly now: () => number
}

/** A caller may wait for so long; proxies between give up after a minute. */
const longestSeconds = 30
/** Of this process, together: what comes then is answered at once. */
const mostWaiting = 200
/** How often the store is asked what other processes were told. */
const askEveryMs = 1000
const longestError = 500

/** The ends of deployments: the platform tells them, and callers may wait for them. */
export class Ending {
  readonly #options: EndingOptions
  readonly #closing = new AbortController()
  #waiting = 0

  constructor(options: EndingOptions) {
    this.#options = options
  }

  /** @returns whether there is such a deployment */
  async tell(
    id: string,
    status: FinishedStatus,
    { url, error }: { readonly url?: string | undefined; readonly error?: string | undefined },
  ): Promise<boolean> {
    const { records, events, now } = this.#options
    const before = await records.finish(id, status, {
      now: now(),
      ...(isWebUrl(url) ? { url } : undefined),
      ...(error === undefined
        ? undefined
        : { error: shownText(error).slice(0, longestError).toWellFormed() }),
    })
    const deployment = before && (await records.deployment(before.id))
    if (deployment !== undefined && before?.finishedAt === undefined)
      events.emit('deployment-finished', { deployment })
    return before !== undefined
  }

  /** @returns how it stands when it has ended, or after so many seconds; `waited`: those that were granted */
  async of(
    deployment: DeploymentRecord,
    seconds: number,
  ): Promise<{ readonly deployment: DeploymentRecord; readonly waited: number | undefined }> {
    const granted = Math.min(seconds, longestSeconds)
    if (granted <= 0 || this.#waiting >= mostWaiting) return { deployment, waited: undefined }
    this.#waiting += 1
    try {
      return { deployment: await this.#wait(deployment, granted * 1000), waited: granted }
    } finally {
      this.#waiting -= 1
    }
  }

  /** Whoever waits is answered now. */
  close(): void {
    this.#closing.abort()
  }

  async #wait(deployment: DeploymentRecord, waitMs: number): Promise<DeploymentRecord> {
    const { records, events } = this.#options
    const { id } = deployment
    const until = performance.now() + waitMs
    let latest = deployment
    while (latest.finishedAt === undefined) {
      const leftMs = until - performance.now()
      if (leftMs <= 0 || this.#closing.signal.aborted) break
      const told = new AbortController()
      const off = events.on('deployment-finished', (event) => {
        if (event.deployment.id === id) told.abort()
      })
      const signal = AbortSignal.any([told.signal, this.#closing.signal])
      await sleep(Math.min(askEveryMs, leftMs), undefined, { signal }).catch(() => undefined) // told, or closing: both are looked at
      off()
      latest = (await records.deployment(id)) ?? latest
    }
    return latest
  }
}

/** The seconds of `Prefer: wait=10` (RFC 7240, 4.3); 0 without one. */
export function waitPreferred(values: readonly string[]): number {
  for (const preference of values.join(',').split(',')) {
    const [name = '', value = ''] = (preference.split(';', 1)[0] ?? '').split('=')
    const seconds = value.trim().replaceAll('"', '')
    if (name.trim().toLowerCase() === 'wait' && /^\d{1,9}$/u.test(seconds)) return Number(seconds)
  }
  return 0
}
