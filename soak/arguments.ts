import { parseArgs } from 'node:util'
import { faultNames, type FaultName } from 'deploy-hooks/testing'
import { transportNames, type TransportName } from '../isolation/transports.ts'

export interface Arguments {
  /** How often each fault is met. */
  readonly times: number
  readonly only: readonly FaultName[]
  readonly transports: readonly TransportName[]
}

export const defaults: Arguments = { times: 1000, only: faultNames, transports: transportNames }

/** @throws RangeError with the argument's name */
export function parseArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: String(defaults.times) },
      only: { type: 'string', default: defaults.only.join(',') },
      transport: { type: 'string', default: defaults.transports.join(',') },
    },
  })
  return {
    times: wholeNumber('times', values.times),
    only: values.only.split(',').map((name) => oneOf(faultNames, 'only', name)),
    transports: values.transport.split(',').map((name) => oneOf(transportNames, 'transport', name)),
  }
}

function wholeNumber(name: string, given: string): number {
  const number = Number(given)
  if (Number.isSafeInteger(number) && number >= 1) return number
  throw new RangeError(`Expected \`--${name}\` to be a positive integer, got \`${given}\``)
}

function oneOf<Name extends string>(names: readonly Name[], argument: string, given: string): Name {
  const name = names.find((name) => name === given)
  if (name !== undefined) return name
  throw new RangeError(`Expected \`--${argument}\` to be one of ${names.join(', ')}, got \`${given}\``)
}
