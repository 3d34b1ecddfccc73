import type { Dispatcher, ReleaseInput } from 'deploy-hooks'

/** Dispatches a release, and resolves when it is known to be delivered. */
export async function deliver(dispatcher: Dispatcher, release: ReleaseInput): Promise<void> {
  const { settled } = await dispatcher.dispatch(release)
  const [delivery] = await settled()
  if (delivery?.state !== 'delivered') throw new Error('Expected the release to be delivered')
}
