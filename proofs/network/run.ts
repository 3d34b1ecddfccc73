/**
 * Sends over a path that is far away, through real proxies, Squid and Tinyproxy, and texts that are too long for a URL to nginx and Apache, and
 * tells what came of it:
 *
 *   npm run proofs -- network --only delayed,squid,tinyproxy,nginx,apache
 *
 * Needs root, for network namespaces, TUN devices and ports 80 and 443; iproute2, python3, squid, tinyproxy, nginx and apache2
 * (`apt-get install iproute2 python3 squid tinyproxy nginx-light apache2`). What is
 * missing is skipped, with a word. Everything with nothing skipped writes RESULTS.md. Ends with 1 when something is not as it should be.
 */
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { oneOf } from '../shared/argument-values.ts'
import { machineFacts, versionsOf } from '../shared/machine.ts'
import { delayed } from './delayed/section.ts'
import { squid } from './proxies/squid.ts'
import { tinyproxy } from './proxies/tinyproxy.ts'
import type { Section } from './section.ts'
import { apache } from './servers/apache.ts'
import { nginx } from './servers/nginx.ts'

const sections: Readonly<Record<string, () => Promise<Section>>> = {
  delayed,
  squid,
  tinyproxy,
  nginx,
  apache,
}

const { values } = parseArgs({
  options: { only: { type: 'string', default: Object.keys(sections).join(',') } },
})
const only = new Set(values.only.split(',').map((name) => oneOf(Object.keys(sections), 'only', name)))

const machine = machineFacts()
const results: Section[] = []
for (const [name, run] of Object.entries(sections)) {
  if (!only.has(name)) continue
  process.stderr.write(`${name}\n`)
  const section = await run()
  for (const wrong of section.wrong) process.stderr.write(`  not as it should be: ${wrong}\n`)
  if (section.skipped !== undefined) process.stderr.write(`  skipped: ${section.skipped}\n`)
  results.push(section)
}

const report = `
# What is far away, behind proxies, and longer than a URL

Written by \`npm run proofs -- network\`. ${machine}. ${await versionsOf(['got', 'undici'])}.

${results.map(({ title, text, skipped }) => `## ${title}\n\n${skipped === undefined ? text : `Skipped: ${skipped}`}`).join('\n\n')}
`
const file = fileURLToPath(new URL('RESULTS.md', import.meta.url))
const formatted = await format(report, { ...(await resolveConfig(file)), parser: 'markdown' })
process.stdout.write(formatted)
const isWhole =
  results.length === Object.keys(sections).length && results.every(({ skipped }) => skipped === undefined)
const isRight = results.every(({ wrong }) => wrong.length === 0)
if (isWhole && isRight) await writeFile(file, formatted)
process.exitCode = isRight ? 0 : 1
