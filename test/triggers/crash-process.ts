/** A platform in a process of its own, on one SQLite file: it is told what to do on its way to be killed. */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { createTriggers } from '../../src/triggers/index.ts'

const [path = '', log = '', hangs = ''] = process.argv.slice(2)
const triggers = createTriggers({
  store: sqliteStore({ path }),
  startWithinMs: 1000,
  onTrigger: async ({ call, deploymentId }) => {
    appendFileSync(log, `${call.id} ${deploymentId}\n`)
    if (hangs !== '') await new Promise(() => undefined)
    return { id: `of-${deploymentId}` }
  },
})
if (hangs === '')
  setInterval(() => undefined, 1000) // until it is killed
else {
  const { token } = await triggers.create({ app: 'web' })
  const server = createServer((request, response) => void triggers.node(request, response))
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number }
    process.stdout.write(`http://127.0.0.1:${port}/${token}\n`)
  })
}
