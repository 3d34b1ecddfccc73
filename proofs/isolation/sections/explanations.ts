import { median } from '../../shared/statistics.ts'
import { measureExplanations, type ExplanationsOptions } from '../explanations.ts'
import type { ExplanationFigures } from '../explanations/plan.ts'
import { shown, tableOf } from '../../shared/table.ts'

interface Row {
  readonly verifier: string
  readonly rounds: readonly ExplanationFigures[]
}

export async function section(options: ExplanationsOptions): Promise<string> {
  const all = await measureExplanations(options)
  const rows: readonly Row[] = [
    { verifier: '`createVerifier`', rounds: all.map(({ urls }) => urls) },
    { verifier: '`createStandardVerifier`', rounds: all.map(({ standard }) => standard) },
  ]
  return `
## Explanations of what nobody should send

\`explain()\` of verifiers with up to 1,000 URLs and secrets, of random requests: queries of up to 140,000 characters of all that parsers, patterns and
writers trip over, bodies of up to 17 MB, JSON to a depth of 2,000,000, headers of a megabyte, values of types that nobody expects, and
some that are nearly right. _CPU_ is the whole process's, with the threads that collect its garbage; at most 500 ms and 64 MiB are promised. None threw.

${tableOf(rows, columns)}
`
}

const most = (rounds: Row['rounds'], of: (figures: ExplanationFigures) => number): number =>
  Math.max(...rounds.map(of))
const sum = (rounds: Row['rounds'], of: (figures: ExplanationFigures) => number): number =>
  rounds.reduce((total, figures) => total + of(figures), 0)

const columns: Parameters<typeof tableOf<Row>>[1] = [
  { title: 'by', cell: ({ verifier }) => verifier },
  {
    title: 'requests',
    cell: ({ rounds }) =>
      shown(
        sum(rounds, ({ requests }) => requests),
        0,
      ),
  },
  {
    title: 'median CPU, ms',
    cell: ({ rounds }) => shown(median(rounds.map(({ medianCpuMs }) => medianCpuMs)), 0),
  },
  {
    title: 'worst CPU, ms',
    cell: ({ rounds }) =>
      `**${shown(
        most(rounds, ({ mostCpuMs }) => mostCpuMs),
        0,
      )}**`,
  },
  {
    title: 'worst of its thread, ms',
    cell: ({ rounds }) =>
      shown(
        most(rounds, ({ mostThreadMs }) => mostThreadMs),
        0,
      ),
  },
  {
    title: 'most hashed, MiB',
    cell: ({ rounds }) =>
      `**${shown(
        most(rounds, ({ mostHashedMib }) => mostHashedMib),
        1,
      )}**`,
  },
  {
    title: 'stopped at the bound',
    cell: ({ rounds }) =>
      shown(
        sum(rounds, ({ stopped }) => stopped),
        0,
      ),
  },
  {
    title: 'verified, or explained',
    cell: ({ rounds }) =>
      shown(
        sum(rounds, ({ explained }) => explained),
        0,
      ),
  },
]
