import { parseArgs } from 'node:util'
import { faultNames, type FaultName } from 'deploy-hooks/testing'
import { oneOf, wholeNumber } from '../shared/argument-values.ts'
import { transportNames, type TransportName } from '../shared/transports.ts'

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
