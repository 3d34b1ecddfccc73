import { createHooks } from '../hooks/list.ts'
import type { Hook } from '../hooks/hook.ts'
import type { DispatcherOptions } from '../hooks/options.ts'
import { Hooks } from '../hooks/registry.ts'
import { gotTransport } from '../http/got-transport.ts'
import { guarded, processWarnings, type Logger } from '../logger.ts'
import { memoryStore } from '../stores/memory/memory-store.ts'
import type { Dispatcher } from './api.ts'
import { HookDispatcher } from './dispatcher.ts'
import { Events } from './events.ts'
import { Grouping } from './grouping.ts'
import { Recorder } from './recorder.ts'
import { Replayer } from './replayer.ts'
import { Reporter } from './reporter.ts'
import { SettledDeliveries } from './settled.ts'
import { Shutdown } from './shutdown.ts'
import { Superseding } from './superseding.ts'
import { Teller } from './teller.ts'
import { Waiters } from './waiters.ts'
import { composeWorker } from './worker/compose.ts'

const defaultOverall = 512
const defaultClosesAfterMs = 86_400_000

/**
 * Creates the dispatcher of a platform controller. What an earlier process left in the store goes on at once.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `hook_duplicate`, `secret_invalid`
 * @example
 * await using dispatcher = createDispatcher({ hooks: ['https://hooks.example.com/deploy'], secret: process.env['KEY'] ?? '' })
 * await dispatcher.dispatch({ app: 'web', version: 4, user: 'gabrtv', sha: '35b3726' })
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { logger = processWarnings } = (options as DispatcherOptions | undefined) ?? {}
  const guardedLogger = guarded(logger) // which uses it when there is something to say: then it is checked
  const hooks = createHooks(options, guardedLogger)
  const closed = new AbortController()
  const dispatcher = compose(options, hooks, guardedLogger, closed)
  const { signal, workers } = options
  const abort = (): void => void dispatcher.close({ deadlineMs: 0 })
  if (signal?.aborted === true) abort()
  else signal?.addEventListener('abort', abort, { once: true, signal: closed.signal })
  // Faults are logged as they come, and it goes on: it ends when the dispatcher is closed, and else never.
  if (workers !== false && signal?.aborted !== true) dispatcher.start().catch(() => undefined)
  return dispatcher
}

/** Puts the parts together, each on top of those that it uses. @param closed aborted when the dispatcher has closed */
function compose(
  options: DispatcherOptions,
  list: readonly Hook[],
  logger: Logger,
  closed: AbortController,
): Dispatcher {
  const { concurrency, now = () => Date.now(), random = () => Math.random() } = options
  const { rolloutClosesAfterMs: closesAfterMs = defaultClosesAfterMs } = options
  const { store = memoryStore(), transport = gotTransport() } = options
  const hooks = new Hooks(list)
  const events = new Events(logger)
  const reporter = new Reporter(events, logger, now)
  const waiters = new Waiters()
  const shared = { hooks, store, transport, reporter, waiters, logger, now, random, closed }
  const parts = composeWorker({ ...shared, overall: concurrency?.overall ?? defaultOverall })
  const recorder = new Recorder({ ...shared, ...parts })
  const grouping = new Grouping(hooks.byId, store)
  const superseding = new Superseding({ ...shared, ...parts, grouping })
  const teller = new Teller({ ...shared, recorder, grouping, superseding, closesAfterMs })
  const replayer = new Replayer({ ...shared, ...parts, recorder })
  const settled = new SettledDeliveries({ ...shared, ...parts, closed: closed.signal })
  const shutdown = new Shutdown({ ...shared, ...parts })
  return new HookDispatcher({ ...shared, ...parts, teller, replayer, settled, events, shutdown })
}
