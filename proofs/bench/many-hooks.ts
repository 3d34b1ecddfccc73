import { createDispatcher, memoryStore, type Dispatcher, type HookOptions, type Store } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'
import { contest, type Contestant, type ContestOptions, type Standing } from '../shared/contest.ts'
import { temporaryFolder } from '../../test/stores/temporary.ts'
import { answersAtOnce } from './answers-at-once.ts'
import { closedLoop, type ThroughputFigure } from './closed-loop.ts'
import { createReleases } from './releases.ts'

export interface ManyHooksOptions extends ContestOptions {
  /** Numbers of hooks. The first is what the others are compared with. */
  readonly hooks: readonly number[]
  /** Dispatches of each contestant in a round, one at a time. */
  readonly dispatches: number
}

/** Hooks that want a release, however many there are. */
export const wanting = 3
const secret = 'a secret of the usual length, of 43 characters'

/** So many hooks of a platform: three for each app. */
export function hooksOfApps(count: number): readonly HookOptions[] {
  return Array.from({ length: count }, (_, index) => ({
    url: `https://hooks.example.com/deploy/${index}`,
    apps: [`app-${Math.floor(index / wanting)}`],
  }))
}

export function dispatcherOf(hooks: readonly HookOptions[], store: Store = memoryStore()): Dispatcher {
  return createDispatcher({ hooks, secret, transport: answersAtOnce, store })
}

/** What a dispatch and its deliveries cost that three hooks want, among so many others. */
export async function measureManyHooks(
  kind: 'memory' | 'SQLite',
  { hooks, dispatches, ...options }: ManyHooksOptions,
): Promise<readonly Standing<ThroughputFigure>[]> {
  await using all = new AsyncDisposableStack()
  const folder = all.use(await temporaryFolder())
  const contestants = hooks.map((count): Contestant<ThroughputFigure> => {
    const store =
      kind === 'memory' ? memoryStore() : all.use(sqliteStore({ path: folder.file(`${count}.db`) }))
    const dispatcher = all.use(dispatcherOf(hooksOfApps(count), store))
    const next = createReleases('app-7')
    return {
      name: `${count.toLocaleString('en')} hooks, ${kind}`,
      does: '`dispatch()`, then `settled()`, of a release that three of them want',
      measure: () =>
        closedLoop({ deliveries: dispatches, inFlight: 1 }, async () =>
          (await dispatcher.dispatch(next())).settled(),
        ),
    }
  })
  return await contest(contestants, contestants[0] as Contestant<ThroughputFigure>, options)
}
