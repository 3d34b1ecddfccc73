import { onTestFinished } from 'vitest'
import { memoryStore } from '../../src/index.ts'
import {
  createTriggers,
  type CreateTrigger,
  type Triggers,
  type TriggersOptions,
  type TriggerStart,
} from '../../src/triggers/index.ts'
import { startHttp } from '../loopback.ts'

/** A platform with triggers behind a real server. What it starts it remembers, and runs until it is told to finish. */
export interface Platform {
  readonly triggers: Triggers
  readonly origin: string
  readonly started: readonly TriggerStart[]
  /** Resolves when so many have been started. */
  untilStarted(count: number): Promise<void>
  /** A trigger, with its token and where it is called. */
  create(
    options?: Partial<CreateTrigger>,
  ): Promise<{ readonly id: string; readonly token: string; readonly url: string }>
}

export async function startPlatform(options: Partial<TriggersOptions> = {}): Promise<Platform> {
  const started: TriggerStart[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const { onTrigger, ...others } = options
  let triggers: Triggers | undefined
  const server = await startHttp((request, response) => void triggers?.node(request, response))
  onTestFinished(() => server[Symbol.asyncDispose]())
  const made = createTriggers({
    store: memoryStore(),
    publicUrl: server.origin,
    logger: { warn() {}, error() {} },
    onTrigger: async (start) => {
      started.push(start)
      for (const { count, resolve } of waiting) if (started.length >= count) resolve()
      return onTrigger === undefined ? { id: `platform-${started.length}` } : onTrigger(start)
    },
    ...others,
  })
  triggers = made
  onTestFinished(() => made.close())
  return {
    triggers: made,
    origin: server.origin,
    started,
    untilStarted(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      if (started.length >= count) resolve()
      else waiting.push({ count, resolve })
      return promise
    },
    async create(given = {}) {
      const {
        trigger,
        token,
        url = '',
      } = await made.create({ app: 'web', environment: 'production', ...given })
      return { id: trigger.id, token, url }
    },
  }
}

export function post(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { method: 'POST', ...init })
}

export async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}
