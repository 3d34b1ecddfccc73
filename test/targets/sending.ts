import {
  createDispatcher,
  type Attempt,
  type Delivery,
  type DispatcherOptions,
  type ReleaseInput,
} from '../../src/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import type { PollableTarget, Target } from '../../src/targets/shape.ts'

export const release: ReleaseInput = {
  app: 'web',
  version: 4,
  user: 'gabrtv',
  sha: '35b3726f2c6f8a5d6b1e0a7c9d8e7f6a5b4c3d2e',
  environment: 'production',
  previous: 3,
  url: 'https://web.example.com',
  logUrl: 'https://platform.example.com/web/releases/v4',
  diffUrl: 'https://git.example.com/web/compare/v3...v4',
  at: '2026-11-21T12:00:00Z',
}

/** What became of one release for one hook, over real sockets, and all that was told on the way. */
export interface Sent {
  readonly delivery: Delivery
  readonly attempts: readonly Attempt[]
  /** Everything an operator could have read: log lines, events, statuses. */
  readonly told: string
}

/** Sends a release to one hook and waits for its end. Retries come at once, up to two of them. */
export async function send(
  hook: HookOptions,
  given: Partial<ReleaseInput> = {},
  options: Partial<DispatcherOptions> = {},
): Promise<Sent> {
  const told: unknown[] = []
  const log = (...line: readonly unknown[]): void => void told.push(line)
  await using dispatcher = createDispatcher({
    hooks: [hook],
    egress: { allow: ['127.0.0.1'] },
    retry: { delaysMs: [1, 1], jitter: 0, connect: { retries: 0, minTimeout: 1, maxTimeout: 1, factor: 1 } },
    logger: { warn: log, error: log },
    ...options,
  })
  for (const event of ['attempt', 'accepted', 'delivered', 'retrying', 'dead', 'hook-disabled'] as const)
    dispatcher.on(event, (message) => log(event, message))
  const dispatch = await dispatcher.dispatch({ ...release, ...given })
  const [delivery] = await dispatch.settled()
  if (delivery === undefined) throw new Error('The hook did not want the release')
  const attempts = await dispatcher.attempts(delivery.id)
  log(dispatcher.hooks(), await dispatcher.check(), delivery, attempts)
  return { delivery, attempts, told: JSON.stringify(told) }
}

/** The same target, asking how it went every few milliseconds. */
export function impatient<Kind extends Target>(target: Kind, untilMs = 10_000): Kind & PollableTarget {
  if (target.poll === undefined) throw new Error(`${target.name} cannot be asked`)
  return { ...target, poll: { ...target.poll, everyMs: 5, untilMs } }
}
