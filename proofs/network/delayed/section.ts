import type { Attempt } from 'deploy-hooks'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { shown, tableOf } from '../../shared/table.ts'
import { hasTransport, transportNames } from '../../shared/transports.ts'
import { missing, type Section } from '../section.ts'
import { farIPv4, Hosts, lostIPv4, lostIPv6 } from './namespaces.ts'

const run = promisify(execFile)
const title = 'Receivers that are far away'
const deliveries = 20

/** Whose addresses the receiver's name has, in what order. */
const names = [
  { name: 'A', addresses: [farIPv4], hasIPv6: false },
  { name: 'A, AAAA; the sender has no IPv6', addresses: [farIPv4, lostIPv6], hasIPv6: false },
  { name: 'AAAA, A; the sender has no IPv6', addresses: [lostIPv6, farIPv4], hasIPv6: false },
  { name: 'AAAA, A; IPv6 is lost on the way', addresses: [lostIPv6, farIPv4], hasIPv6: true },
  { name: 'A, A; the first is lost on the way', addresses: [lostIPv4, farIPv4], hasIPv6: false },
] as const
const roundTrips = [20, 300, 1000, 4000]

interface Row {
  readonly name: string
  readonly transport: string
  readonly rttMs: number
  readonly delivered: number
  readonly connectMs: number
  readonly totalMs: number
  readonly codes: string
}

/** Over two network namespaces, and a path between them that has such round trips. */
export async function delayed(): Promise<Section> {
  const skipped = missing(['ip', 'python3'])
  if (skipped !== undefined) return { title, text: '', wrong: [], skipped }
  const rows: Row[] = []
  for (const rttMs of roundTrips)
    for (const hasIPv6 of [false, true]) {
      await using hosts = await Hosts.connect(rttMs, hasIPv6)
      const mine = names.filter((each) => each.hasIPv6 === hasIPv6)
      rows.push(...(await withReceiver(hosts, () => measure(hosts, rttMs, mine))))
    }
  const wrong = rows
    .filter(({ delivered }) => delivered < deliveries)
    .map(
      ({ name, transport, rttMs, delivered, codes }) =>
        `${name}, ${transport}, ${rttMs} ms: ${delivered} of ${deliveries}, ${codes}`,
    )
  return { title, text: textOf(rows), wrong }
}

async function withReceiver<Result>(hosts: Hosts, action: () => Promise<Result>): Promise<Result> {
  const [command, args] = hosts.command('far', [process.execPath, fileOf('receiver-process.ts')])
  const receiver = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await once(receiver.stdout, 'data')
    return await action()
  } finally {
    receiver.kill()
    await once(receiver, 'exit')
  }
}

async function measure(hosts: Hosts, rttMs: number, mine: readonly (typeof names)[number][]): Promise<Row[]> {
  const rows: Row[] = []
  for (const { name, addresses } of mine)
    for (const transport of transportNames.filter(hasTransport)) {
      const sender = [
        process.execPath,
        fileOf('sender-process.ts'),
        transport,
        String(deliveries),
        ...addresses,
      ]
      const [command, args] = hosts.command('near', sender)
      const { stdout } = await run(command, args)
      const attempts = JSON.parse(stdout) as Pick<Attempt, 'outcome' | 'timings' | 'code'>[]
      const delivered = attempts.filter(({ outcome }) => outcome.kind === 'delivered')
      rows.push({
        name,
        transport,
        rttMs,
        delivered: delivered.length,
        connectMs: median(delivered.map(({ timings }) => timings.connectMs ?? Number.NaN)),
        totalMs: median(delivered.map(({ timings }) => timings.totalMs)),
        codes: [...new Set(attempts.flatMap(({ code }) => code ?? []))].join(', '),
      })
    }
  return rows
}

function textOf(rows: readonly Row[]): string {
  const table = tableOf(rows, [
    { title: 'the name has', cell: ({ name }) => name },
    { title: 'transport', cell: ({ transport }) => transport },
    { title: 'round trip, ms', cell: ({ rttMs }) => shown(rttMs, 0) },
    { title: `delivered of ${deliveries}`, cell: ({ delivered }) => shown(delivered, 0) },
    { title: 'connected after, ms', cell: ({ connectMs }) => shown(connectMs, 0) },
    { title: 'answered after, ms', cell: ({ totalMs }) => shown(totalMs, 0) },
    { title: 'codes', cell: ({ codes }) => codes },
  ])
  return `Sender and receiver are in network namespaces of their own, with a path between them that carries each packet late. ${deliveries} hooks, each with a name and so a
connection of its own, are told one release at once; one attempt, 15 s. Times are medians.\n\n${table}`
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN
}

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
