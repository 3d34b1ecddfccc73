/** A controller that is killed: `node once-process.ts <origin> <database> <version>`. It starts a build, and prints when it has recorded it. */
import { createDispatcher } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { defineTarget } from '../../src/targets/index.ts'

const [origin = '', path = '', version = ''] = process.argv.slice(2)

const build = defineTarget({ name: 'build', repeat: 'side-effect', requests: [{ accepts: [201] }] })
const dispatcher = createDispatcher({
  hooks: [{ id: 'builds', url: origin, target: build }],
  store: sqliteStore({ path }),
  egress: { allow: ['127.0.0.1'] },
  logger: { warn() {}, error() {} },
})
await dispatcher.dispatch({ app: 'web', version, user: 'ci' })
console.log('recorded')
