/**
 * A receiver on node:http: verifies each delivery and prints its release.
 *
 *   DEPLOY_HOOK_SECRET_KEY=my_secret_key node examples/receiver-node.ts
 *
 * HOOK_URL is the URL as it is configured at the controller, whatever proxies stand in between. While you set it up,
 * EXPLAIN=1 prints why a request does not verify.
 */
import { createServer } from 'node:http'
import { createReceiver, createVerifier } from 'deploy-hooks/verify'

const {
  PORT = '3000',
  HOOK_URL = 'http://localhost:3000/deploy',
  DEPLOY_HOOK_SECRET_KEY = '',
  EXPLAIN,
} = process.env

const verifier = createVerifier({ url: HOOK_URL, secret: DEPLOY_HOOK_SECRET_KEY })

const receiver = createReceiver({
  verifier,
  onRelease: ({ release }) => {
    console.log(`${release.app} ${release.version}: ${release.summary}`)
  },
  onRefused: (error, request) => {
    console.log(EXPLAIN === '1' ? verifier.explain(request).message : `refused: ${error.code}`)
  },
})

const server = createServer(receiver.node)
server.listen(Number(PORT), () => console.log('listening', server.address()))
