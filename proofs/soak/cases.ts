import { faultNames, type Fault, type FaultName } from 'deploy-hooks/testing'
import { deliveredPastDeadline, expected, pastDeadline, type Expected } from './expected.ts'

/** A fault, as it is met. */
export interface Case {
  /** Of the fault, and what is special. */
  readonly name: string
  readonly fault: Fault
  readonly protocol: 'http:' | 'https:'
  readonly deadlineMs: number
  /** True when the deadline is what ends the exchange. */
  readonly hangs: boolean
  readonly expected: Expected
}

/** For what hangs: a thousand of them, fifty at a time, take twenty seconds. */
const shortDeadlineMs = 1000
const deadlineMs = 5000
/** The proxy does not notice that a client of `slow-accept` leaves, and waits. */
const tooLateMs = 3000

const hanging: ReadonlySet<FaultName> = new Set(['black-hole', 'never-closes'])
const ofTls: ReadonlySet<FaultName> = new Set(['wrong-tls', 'tls-garbage', 'wrong-certificate'])

/** Those that end by themselves, taken past the deadline. */
const endless: Readonly<Partial<Record<FaultName, Fault>>> = {
  latency: { fault: 'latency', ms: tooLateMs },
  'slow-accept': { fault: 'slow-accept', ms: tooLateMs },
  'drip-headers': { fault: 'drip-headers', endless: true },
  'drip-body': { fault: 'drip-body', endless: true },
}

/** Every fault of these names, and those that time can tell apart once more. */
export function casesOf(names: readonly FaultName[]): readonly Case[] {
  return faultNames.filter((name) => names.includes(name)).flatMap(casesOfFault)
}

function casesOfFault(name: FaultName): readonly Case[] {
  const hangs = hanging.has(name)
  const plain: Case = {
    name,
    fault: name,
    protocol: ofTls.has(name) ? 'https:' : 'http:',
    deadlineMs: hangs ? shortDeadlineMs : deadlineMs,
    hangs,
    expected: expected[name],
  }
  const fault = endless[name]
  if (fault === undefined) return [plain]
  const past = {
    name: `${name}, past the deadline`,
    fault,
    deadlineMs: shortDeadlineMs,
    hangs: true,
    expected: name === 'drip-body' ? deliveredPastDeadline : pastDeadline,
  }
  return [plain, { ...plain, ...past }]
}
