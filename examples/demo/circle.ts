import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDispatcher, memoryStore } from 'deploy-hooks'
import { stackblaze } from 'deploy-hooks/targets'
import { createTriggers } from 'deploy-hooks/triggers'

/**
 * The other direction: a trigger of a platform is fired by a hook of another, which then asks how the deployment went.
 *
 * @param tell told what happens, step by step
 * @returns how it went, as the hook's receiver told it
 */
export async function goRound(tell: (line: string) => void): Promise<string | undefined> {
  const triggers = createTriggers({
    store: memoryStore(),
    onTrigger: ({ app, facts, deploymentId }) => {
      tell(`the call of its deploy hook starts a deployment of ${app}, branch ${facts.branch}`)
      setTimeout(() => void triggers.finished(deploymentId, 'succeeded'), 500)
      return { id: 'build-1' }
    },
  })
  const server = createServer((request, response) => void triggers.node(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { token } = await triggers.create({ app: 'shop', dialect: 'stackblaze', branch: 'main' })
  tell('a user gets a URL that deploys, shown once: the store has its digest')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/deploy-hooks/${token}`
  const dispatcher = createDispatcher({
    hooks: [{ url, id: 'shop', target: stackblaze(), waitFor: 'finished' }],
    egress: { allow: ['127.0.0.1'] },
  })
  const { settled } = await dispatcher.dispatch({ app: 'parts', version: 2, user: 'gabrtv' })
  const [delivery] = await settled()
  await dispatcher.close()
  await triggers.close()
  server.close()
  const status = delivery?.remote?.status
  tell(`the hook asked for ${delivery?.remote?.id?.slice(0, 8)}… until it heard: ${status}`)
  return status
}
