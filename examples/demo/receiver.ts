/**
 * One receiver of the demo, in a process of its own. HOOK_SECRET is its secret; it answers the first UNAVAILABLE
 * requests with 503. It tells its parent the hook URL, and ends with it.
 */
import { createServer } from 'node:http'
import { createReceiver, createVerifier } from 'deploy-hooks/verify'

const { HOOK_SECRET = '', UNAVAILABLE = '0' } = process.env

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
    if (unavailable === 0) {
      void receiver.node(request, response)
      return
    }
    unavailable -= 1
    console.log('answered 503, Retry-After: 1')
    response.writeHead(503, { 'retry-after': '1' }).end()
  })
}
