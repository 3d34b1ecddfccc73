import { createDispatcher, type DispatcherOptions } from 'deploy-hooks'

const inABurst = 20

/**
 * Loads and compiles what dispatching takes, by a dispatcher of its own: the one that is measured has met none of its receivers then,
 * and is not slowed down by what happens once in a process.
 */
export async function warmUpCode(options: DispatcherOptions, bursts: number): Promise<void> {
  await using dispatcher = createDispatcher(options)
  for (let burst = 0; burst < bursts; burst += 1) {
    const dispatches = await Promise.all(
      Array.from({ length: inABurst }, (_, index) =>
        dispatcher.dispatch({ app: `warm-up-${index}`, version: burst + 1, user: 'gabrtv' }),
      ),
    )
    await Promise.all(dispatches.map(({ settled }) => settled()))
  }
}
