/**
 * Which rows of a table of hooks are good, and what is wrong with the others: for a job that looks after the table, or the form that
 * writes it. Sends nothing.
 *
 *   echo '[{"url": "https://hooks.example.com/deploy", "after": "faild"}]' > hooks.json
 *   DEPLOY_HOOK_SECRET_KEY=my_secret_key node examples/check-table.ts hooks.json
 *
 * Ends with 1 when a row is no hook, or cannot stand beside the others.
 */
import { readFile } from 'node:fs/promises'
import { createDispatcher, parseHook, type HookOptions } from 'deploy-hooks'

const [file = 'hooks.json'] = process.argv.slice(2)
const common = {
  secret: process.env['DEPLOY_HOOK_SECRET_KEY'] ?? '',
  logger: { warn() {}, error() {} }, // what would be warned about is printed below
}
const rows = JSON.parse(await readFile(file, 'utf8')) as readonly unknown[]

const say = (index: number, text: string): void => console.log(`row ${index}: ${text}`)
const hooks: HookOptions[] = []
const rowOf: number[] = []
for (const [index, row] of rows.entries()) {
  const parsed = parseHook(row, common)
  if (parsed.ok) {
    for (const warning of parsed.warnings) say(index, warning)
    hooks.push(parsed.hook)
    rowOf.push(index)
  } else {
    process.exitCode = 1
    for (const { option, message } of parsed.problems) say(index, `${option}: ${message}`)
  }
}

// Whether they can stand beside each other is told by all of them together.
await using dispatcher = createDispatcher({
  ...common,
  hooks,
  workers: false,
  onInvalidHook: ({ problems }, place) => {
    process.exitCode = 1
    for (const { message } of problems) say(rowOf[place] ?? place, message)
  },
})
console.log(`${dispatcher.hooks().length} of ${rows.length} rows are hooks`)
