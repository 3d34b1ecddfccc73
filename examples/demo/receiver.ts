/**
 * One receiver of the demo, in a process of its own. HOOK_SECRET is its secret. It never answers the first HANGING requests,
 * and answers the UNAVAILABLE next ones with 503. It tells its parent the hook URL, and when it lets a request hang. It
 * ends with its parent.
 */
import { createServer } from 'node:http'
import { createReceiver, createVerifier } from 'deploy-hooks/verify'
import { shortId } from './in-words.ts'

const { HOOK_SECRET = '', HANGING = '0', UNAVAILABLE = '0' } = process.env

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('Expected a TCP port')
  const url = `http://127.0.0.1:${address.port}/hooks/deploy`
  serve(url)
  process.send?.(url)
})
process.once('disconnect', () => process.exit())

function serve(url: string): void {
  const verifier = createVerifier({ url, secret: HOOK_SECRET })
  let hanging = Number(HANGING)
  let unavailable = Number(UNAVAILABLE)
  let explained = false

  const receiver = createReceiver({
    verifier,
    onRelease: ({ release }) => {
      console.log(`verified: ${release.app} ${release.version}, "${release.summary}"`)
    },
    onRefused: ({ code, status }, request) => {
      console.log(`refused with ${status} ${code}${explained ? ' again' : '; explain() says:'}`)
      if (!explained) console.log(verifier.explain(request).message)
      explained = true
    },
  })

  server.on('request', (request, response) => {
    const id = shortId(String(request.headers['idempotency-key']).replaceAll('"', ''))
    if (hanging > 0) {
      hanging -= 1
      console.log(`got ${id}, and does not answer`)
      process.send?.('hanging')
    } else if (unavailable > 0) {
      unavailable -= 1
      console.log(`got ${id}, answered 503, Retry-After: 2`)
      response.writeHead(503, { 'retry-after': '2' }).end()
    } else void receiver.node(request, response)
  })
}
