/** An operator's process: lists, asks for all that waits to be sent, and waits for that. `<path>` */
import { createDispatcher } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'

const store = sqliteStore({ path: process.argv[2] ?? '' })
const dispatcher = createDispatcher({
  hooks: [{ url: 'http://never.example/', id: 'one' }],
  secret: 's3cret-of-the-tests',
  store,
  workers: false,
  egress: { allow: ['127.0.0.1'] },
})
for await (const { state, attempts } of dispatcher.deliveries()) console.log(state, attempts)
const replay = await dispatcher.replay({ hook: 'one', state: 'waiting' })
console.log('asked')
const settled = await replay.settled()
console.log(settled.map(({ state }) => state).join())
await dispatcher.close()
await store.close()
