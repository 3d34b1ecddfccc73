import { shown, tableOf } from '../../shared/table.ts'
import { hasTransport, transportNames } from '../../shared/transports.ts'
import type { Section } from '../section.ts'
import { mostAttempts, releases, send, wrongIn, type Came, type Case } from './bench.ts'

/** Sends every case by every transport, and compares. */
export async function proxySection(title: string, about: string, cases: readonly Case[]): Promise<Section> {
  const rows: Came[] = []
  const wrong: string[] = []
  for (const each of cases)
    for (const transport of transportNames.filter(hasTransport)) {
      const came = await send(each, transport)
      rows.push(came)
      wrong.push(...wrongIn(each, came))
    }
  const table = tableOf(rows, [
    { title: 'hook', cell: ({ name }) => name },
    { title: 'transport', cell: ({ transport }) => transport },
    { title: 'outcome', cell: ({ outcomes }) => outcomes.join('; ') },
    { title: 'code', cell: ({ codes }) => codes.join('; ') },
    { title: 'attempts a delivery', cell: ({ attempts }) => shown(attempts, 0) },
    { title: 'charged to the breaker', cell: ({ charged }) => shown(charged, 0) },
    { title: 'error lines', cell: ({ errors }) => shown(errors, 0) },
  ])
  const text = `${about} ${releases} releases each; what fails is tried ${mostAttempts} times at most. Three lines a minute are logged of a fault.\n\n${table}`
  return { title, text, wrong }
}
