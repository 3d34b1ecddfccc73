import type { Transport } from '../http/transport.ts'
import { aFunction, checkFields, required } from '../option-fields.ts'
import type { ConformanceTest } from './store-conformance.ts'
import { aborting } from './transport/aborting.ts'
import { answering } from './transport/answering.ts'
import type { TransportBehaviours } from './transport/behaviours.ts'
import { Bench } from './transport/bench.ts'
import { bodies } from './transport/bodies.ts'
import { breaking } from './transport/breaking.ts'
import { deadlines } from './transport/deadlines.ts'
import { statuses } from './transport/deciding.ts'
import { earlyAnswers } from './transport/early-answers.ts'
import { egress } from './transport/egress.ts'
import { heads } from './transport/heads.ts'
import { proxying } from './transport/proxying.ts'
import { requests } from './transport/requests.ts'
import { reusing } from './transport/reusing.ts'
import { securing } from './transport/securing.ts'
import { shuttingDown } from './transport/shutting-down.ts'
import { timing } from './transport/timing.ts'

/** How the suite comes by transports. */
export interface TransportHarness {
  /** Makes a new transport. The suite closes it. */
  create(): Transport | Promise<Transport>
}

const behaviours: TransportBehaviours = {
  ...requests,
  ...bodies,
  ...answering,
  ...heads,
  ...breaking,
  ...statuses,
  ...earlyAnswers,
  ...reusing,
  ...deadlines,
  ...aborting,
  ...egress,
  ...securing,
  ...proxying,
  ...timing,
  ...shuttingDown,
}

/**
 * The tests that every transport passes: what a dispatcher relies on, and what keeps a receiver from harming it. They run with any test
 * runner, one after another, against servers of their own on 127.0.0.1 and 127.0.0.2, and take a few seconds.
 *
 * @throws {@link ConfigurationError} `option_invalid`
 * @example
 * import { gotTransport } from 'deploy-hooks'
 * import { transportConformance } from 'deploy-hooks/testing'
 * import { describe, test } from 'node:test'
 *
 * describe('my transport', () => {
 *   for (const { name, run } of transportConformance({ create: () => gotTransport() })) test(name, run)
 * })
 */
export function transportConformance(harness: TransportHarness): readonly ConformanceTest[] {
  checkFields(harness, { create: required(aFunction) }, { of: 'transportConformance()' })
  return Object.entries(behaviours).map(([name, prove]) => ({ name, run: () => runOn(harness, prove) }))
}

/** Closes all that was opened, whatever the test comes to. */
async function runOn(harness: TransportHarness, prove: TransportBehaviours[string]): Promise<void> {
  const bench = new Bench(await harness.create())
  try {
    await prove(bench)
  } finally {
    await bench.close()
  }
}
