/**
 * A platform controller that runs for months: what it has recorded is in a file, and goes on after a restart.
 *
 *   DEPLOY_HOOK_URLS=http://localhost:3000/deploy DEPLOY_HOOK_SECRET_KEY=my_secret_key DEPLOY_HOOK_ALLOW=localhost \
 *   node examples/controller-service.ts deploy-hooks.db
 *
 *   curl -d '{"app":"web","version":4,"user":"gabrtv","sha":"35b3726"}' http://127.0.0.1:4000/releases
 *
 * On SIGTERM or Ctrl-C it stops well, within CLOSE_DEADLINE_MS; a second signal ends it at once. Neither loses anything.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createDispatcher, DispatcherClosedError, hooksFromEnv, ReleaseError } from 'deploy-hooks'
import { sqliteStore } from 'deploy-hooks/sqlite'

const { PORT = '4000', CLOSE_DEADLINE_MS = '10000' } = process.env
const [path = 'deploy-hooks.db'] = process.argv.slice(2)

const configured = hooksFromEnv()
const store = sqliteStore({ path })
// What an earlier process left in the file goes on here.
const dispatcher = createDispatcher({ ...configured, store })
console.log(`${configured.hooks.length} hooks, deliveries in ${path}`)

dispatcher.on('attempt', ({ hook, delivery, attempt }) => {
  console.log(`${delivery.id} ${hook.id} ${hook.url}: ${attempt.outcome.kind}, ${attempt.outcome.reason}`)
})

/** Answered as soon as the deliveries are recorded: a deploy waits for the disk, and never for a receiver. */
async function release(request: IncomingMessage): Promise<readonly [status: number, answer: unknown]> {
  try {
    const { deliveries } = await dispatcher.dispatch(JSON.parse(await text(request)))
    return [202, deliveries.map(({ id }) => id)]
  } catch (error) {
    if (error instanceof ReleaseError || error instanceof SyntaxError) return [400, error.message]
    if (error instanceof DispatcherClosedError) return [503, error.message] // stopping: ask the next process
    console.error(error)
    return [500, 'The release is not recorded.']
  }
}

// On loopback, and without a password: a real one asks who it is.
const server = createServer(async (request, response) => {
  const known = request.method === 'POST' && request.url === '/releases'
  const [status, answer] = known ? await release(request) : [404, 'Expected POST /releases.']
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(answer)}\n`)
})
server.listen(Number(PORT), '127.0.0.1', () => console.log('listening', server.address()))

process.once('SIGTERM', stop).once('SIGINT', stop)

async function stop(): Promise<void> {
  process.off('SIGTERM', stop).off('SIGINT', stop)
  console.log('stopping')
  server.close()
  await dispatcher.close({ deadlineMs: Number(CLOSE_DEADLINE_MS) }) // what has no answer by then is handed back
  const waiting = (await store.counts()).filter(({ state }) => state === 'waiting')
  await store.close() // after the dispatcher that uses it
  server.closeAllConnections()
  console.log(`stopped: ${waiting.reduce((sum, { count }) => sum + count, 0)} deliveries wait in ${path}`)
}
