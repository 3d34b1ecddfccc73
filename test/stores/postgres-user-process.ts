/** Starts a PostgreSQL server, tells its process id, and ends as it is told, without a word to the server. `<folder> <ending>` */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startPostgres } from './postgres-server.ts'

const [path = '', ending] = process.argv.slice(2)
const folder = {
  path,
  file: (name: string) => join(path, name),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
const { pid } = await startPostgres({ folder })
process.stdout.write(`${pid}\n`)
if (ending === 'exit') process.exit(3)
if (ending === 'error') throw new Error('A test that fails')
await sleep(2 ** 31 - 1)
