import {
  measureTenants,
  otherPerSecond,
  perSecond,
  seconds,
  type TenantOptions,
  type TenantStanding,
} from '../tenant/measure.ts'
import { shown, tableOf } from '../../shared/table.ts'

export async function section(options: TenantOptions): Promise<string> {
  const standings = await measureTenants(options)
  return `
## A tenant whose answers are made to cost much, beside a healthy one

The healthy tenant has a hook that gets ${perSecond} releases a second for ${seconds} seconds: the times of its deliveries. The other tenant has a hook for
each of the kinds by name above, and another one whose target reads all of the answer; they get ${otherPerSecond} releases a second in all, and each is
answered with 64 KiB. An ordinary tenant has as many hooks and releases, and is answered \`{"ok":true}\`. Every process is new for each run:
receivers, and one that sends; over PostgreSQL two workers share the hooks. CPU is that of all that send. Ratios are to no other tenant, and
their spread is that of all rounds.

${tableOf(standings, columns)}
`
}

const columns: Parameters<typeof tableOf<TenantStanding>>[1] = [
  { title: 'store, beside', cell: ({ store, standing: { name } }) => `${store}, ${name}` },
  { title: 'arrived', cell: ({ standing: { median } }) => `${shown(median.arrived, 1)} %` },
  { title: 'p50 ms', cell: ({ standing: { median } }) => shown(median.p50, 1) },
  { title: 'p99 ms', cell: ({ standing: { median } }) => shown(median.p99, 1) },
  { title: 'max ms', cell: ({ standing: { median } }) => shown(median.max, 1) },
  { title: 'p99 ratio', cell: ({ standing: { ratio } }) => `**${shown(ratio.p99, 2)}**` },
  { title: 'spread', cell: ({ p99Ratios: [least, most] }) => `${shown(least, 2)} to ${shown(most, 2)}` },
  { title: "the other's answers", cell: ({ standing: { median } }) => shown(median.answers, 0) },
  { title: 'CPU', cell: ({ standing: { median } }) => `${shown(median.cpu, 0)} %` },
  { title: 'event loop p99 ms', cell: ({ standing: { median } }) => shown(median.loopP99, 1) },
]
