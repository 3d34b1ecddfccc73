import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { hook } from './plan.ts'

/** Sends to a receiver until nothing is left. @returns by the number of a release, how often it was received */
export async function sendAll(
  connectionString: string,
  isLeft: () => Promise<boolean>,
): Promise<ReadonlyMap<number, number>> {
  const received = new Map<number, number>()
  const receiver = createServer((request, response) => {
    const version = new URL(request.url ?? '', 'http://receiver').searchParams.get('release') ?? ''
    const number = Number(version.slice(1))
    received.set(number, (received.get(number) ?? 0) + 1)
    response.end()
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo
  {
    await using store = postgresStore({ connectionString })
    await using dispatcher = createDispatcher({
      hooks: [{ id: hook.id, url: `http://127.0.0.1:${port}${hook.path}` }],
      secret: 'torture',
      egress: { allow: ['127.0.0.1'] },
      store,
    })
    await dispatcher.start()
    while (await isLeft()) await sleep(50)
  }
  receiver.close()
  receiver.closeAllConnections()
  return received
}
