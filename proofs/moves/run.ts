/**
 * Counts what a reader follows: the functions of src/dispatch and src/hooks that one happy delivery enters, and how often the next one stands in another
 * file. `npm run proofs -- moves`, with `--trace` for their names. Properties (`get`) and the clock are not counted: nobody goes there to understand.
 */
import { registerHooks } from 'node:module'
import { parseArgs } from 'node:util'
import type { createDispatcher as Create } from '../../src/index.ts'
import { answers } from './answers.ts'
import { withVisits } from './visits.ts'

interface Visit {
  readonly file: string
  readonly name: string
}

const { values } = parseArgs({ options: { trace: { type: 'boolean', default: false } } })
const dist = new URL('../../dist/', import.meta.url).href
const visits: Visit[] = []
let isCounting = false
Object.assign(globalThis, {
  visited(file: string, name: string): void {
    if (isCounting) visits.push({ file, name })
  },
})

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const file = url.startsWith(dist) ? url.slice(dist.length) : ''
    if (!/^(?:dispatch|hooks)\//u.test(file)) return loaded
    return { ...loaded, source: withVisits(file, Buffer.from(loaded.source as Uint8Array).toString()) }
  },
})

/** The third one: what is made at the first is not of each delivery. */
async function deliver(): Promise<void> {
  const { createDispatcher } = (await import(`${dist}index.js`)) as {
    createDispatcher: typeof Create
  }
  const hooks = [{ url: 'http://one.example/', secret: 'k'.repeat(32) }]
  await using dispatcher = createDispatcher({ hooks, transport: answers })
  for (const version of [1, 2, 3]) {
    isCounting = version === 3
    const { settled } = await dispatcher.dispatch({ app: 'web', version, user: 'gabrtv', sha: '35b3726' })
    const [delivery] = await settled()
    if (delivery?.state !== 'delivered') throw new Error('Expected a delivery that is delivered')
    await new Promise((resolve) => setTimeout(resolve, 50)) // what follows it
    isCounting = false
  }
}

function report(part: string, seen: readonly Visit[]): void {
  const moves = seen.filter(({ file }, index) => seen[index - 1]?.file !== file).length
  const files = new Set(seen.map(({ file }) => file)).size
  console.log(`${part}: ${seen.length} calls, ${moves} moves between ${files} files`)
}

await deliver()
const begins = visits.findIndex(({ file, name }) => file.endsWith('/executor.js') && name === 'start')
report('dispatch(), until it is sent', visits.slice(0, begins))
report('sent, and settled', visits.slice(begins))
report('in all', visits)
if (values.trace) for (const { file, name } of visits) console.log(`  ${file} ${name}`)
