import { parseArgs } from 'node:util'
import { oneOf, wholeNumber } from '../shared/argument-values.ts'
import { transportNames, type TransportName } from '../shared/transports.ts'

export const sectionNames = [
  'hang',
  'refuse',
  'fail',
  'backlog',
  'hung',
  'names',
  'leases',
  'answers',
  'tenant',
  'explain',
] as const
type SectionName = (typeof sectionNames)[number]

export interface Arguments {
  readonly rounds: number
  /** Measured in each run. */
  readonly seconds: number
  readonly only: readonly SectionName[]
  readonly transport: TransportName
  /** Of a URL and an answer. */
  readonly pairs: number
  /** The same one makes the same pairs. */
  readonly seed: number
}

export const defaults: Arguments = {
  rounds: 5,
  seconds: 6,
  only: sectionNames,
  transport: 'got',
  pairs: 100_000,
  seed: 140_001,
}

/** @throws RangeError with the argument's name */
export function parseArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: String(defaults.rounds) },
      seconds: { type: 'string', default: String(defaults.seconds) },
      only: { type: 'string', default: defaults.only.join(',') },
      transport: { type: 'string', default: defaults.transport },
      pairs: { type: 'string', default: String(defaults.pairs) },
      seed: { type: 'string', default: String(defaults.seed) },
    },
  })
  return {
    rounds: wholeNumber('rounds', values.rounds),
    seconds: wholeNumber('seconds', values.seconds),
    only: values.only.split(',').map((name) => oneOf(sectionNames, 'only', name)),
    transport: oneOf(transportNames, 'transport', values.transport),
    pairs: wholeNumber('pairs', values.pairs),
    seed: wholeNumber('seed', values.seed),
  }
}
