import type { Dispatcher } from 'deploy-hooks'

/** Dispatches so many releases, one after the other for each hook, and all hooks at once. */
export async function keepPace(
  dispatcher: Dispatcher,
  hooks: readonly string[],
  firstVersion: number,
  times: number,
): Promise<void> {
  const end = firstVersion + times
  let version = firstVersion
  await Promise.all(
    hooks.map(async (app) => {
      while (version < end) {
        const { settled } = await dispatcher.dispatch({ app, version: version++, user: 'gabrtv' })
        await settled()
      }
    }),
  )
}
