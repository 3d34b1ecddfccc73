/** Simulates receivers that are down, prints what comes of it, and writes the tables of docs/recovery.md. */
import { readFile, writeFile } from 'node:fs/promises'
import { withTables } from './generated-blocks.ts'
import { simulate } from './report.ts'

const tables = await simulate()
for (const [name, table] of tables) process.stdout.write(`${name}\n\n${table}\n\n`)
const file = new URL('../../docs/recovery.md', import.meta.url)
await writeFile(file, withTables(await readFile(file, 'utf8'), tables))
