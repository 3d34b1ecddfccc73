/**
 * A receiver on Express 5, in a router that is mounted under a path: the verifier reads `originalUrl`, so mounting
 * changes nothing. No body parser is needed, since a delivery has no body.
 *
 *   DEPLOY_HOOK_SECRET_KEY=my_secret_key node examples/receiver-express.ts
 */
import { createReceiver, createVerifier } from 'deploy-hooks/verify'
import express from 'express'

const {
  PORT = '3000',
  HOOK_URL = 'http://localhost:3000/hooks/deploy',
  DEPLOY_HOOK_SECRET_KEY = '',
} = process.env

const receiver = createReceiver({
  verifier: createVerifier({ url: HOOK_URL, secret: DEPLOY_HOOK_SECRET_KEY }),
  onRelease: ({ release }) => {
    console.log(`${release.app} ${release.version}: ${release.summary}`)
  },
  onRefused: ({ code }) => console.log(`refused: ${code}`),
})

const hooks = express.Router()
hooks.post('/deploy', receiver.node) // what onRelease throws goes to Express's error handler

const app = express()
app.use('/hooks', hooks)

const server = app.listen(Number(PORT), (error) => {
  if (error !== undefined) throw error
  console.log('listening', server.address())
})
