/** A worker that tells every so often how many deliveries have arrived. `<plan>` */
import { setInterval } from 'node:timers/promises'
import { createDispatcher } from 'deploy-hooks'
import { postgresStore } from 'deploy-hooks/postgres'
import { dispatcherOptions } from '../shared/dispatcher-options.ts'
import { obeyParent, tellParent } from '../shared/parent.ts'
import { loadTransport, type TransportName } from '../shared/transports.ts'

export interface WorkerPlan {
  readonly connectionString: string
  readonly schema: string
  readonly transport: TransportName
  readonly urls: readonly string[]
  readonly concurrency: number
}

const everyMs = 20
const { connectionString, schema, transport, urls, concurrency } = JSON.parse(
  process.argv[2] ?? '',
) as WorkerPlan
const createTransport = await loadTransport(transport)
obeyParent(() => {})
const dispatcher = createDispatcher({
  ...dispatcherOptions,
  hooks: urls.map((url, hook) => ({ url, id: `hook-${hook}`, concurrency })),
  secret: 'a secret of the usual length, of 43 characters',
  store: postgresStore({ connectionString, schema }),
  transport: createTransport(),
})
let arrived = 0
let told = 0
dispatcher.on('delivered', () => (arrived += 1))
for await (const _ of setInterval(everyMs)) {
  if (arrived > told) tellParent(arrived - told)
  told = arrived
}
