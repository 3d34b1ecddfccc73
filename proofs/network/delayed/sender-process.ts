import { createDispatcher, type Attempt } from 'deploy-hooks'
import { isIPv6 } from 'node:net'
import { loadTransport, type TransportName } from '../../shared/transports.ts'

/** Tells one release to so many hooks with a name each, all of which have these addresses, and prints the attempts as JSON. */
const [transport = 'got', count = '1', ...addresses] = process.argv.slice(2)
const createTransport = await loadTransport(transport as TransportName)
const attempts: Pick<Attempt, 'outcome' | 'timings' | 'code'>[] = []
await using dispatcher = createDispatcher({
  hooks: Array.from({ length: Number(count) }, (_, index) => `http://r${index}.far.test:8080/deploy`),
  secret: 's3cret-of-the-proof',
  transport: createTransport(),
  egress: {
    allow: ['198.18.0.0/15', '2001:db8::/32'],
    lookup: (_name, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
      ),
  },
  retry: { delaysMs: [], connect: { retries: 0, minTimeout: 1, maxTimeout: 1, factor: 1 } },
  logger: { warn() {}, error() {} },
})
dispatcher.on('attempt', ({ attempt: { outcome, timings, code } }) =>
  attempts.push(code === undefined ? { outcome, timings } : { outcome, timings, code }),
)
await (await dispatcher.dispatch({ app: 'web', version: 1, user: 'proof' })).settled()
process.stdout.write(JSON.stringify(attempts))
