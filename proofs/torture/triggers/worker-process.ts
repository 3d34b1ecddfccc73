/** A platform's process: it takes calls, and starts what they ask for, until it is killed. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTriggers, type TriggerRecords } from 'deploy-hooks/triggers'
import { Chance } from '../../../src/testing/store/chance.ts'
import { params } from './params.ts'
import type { Step, WorkerPlan } from './plan.ts'
import { storeAt } from './place.ts'
import { writeLine } from './platform-log.ts'

const { life, place, port, log } = JSON.parse(process.argv[2] ?? '') as WorkerPlan

process.once('disconnect', () => process.exit()) // whoever started it is gone

/** A lease outlasts it by five seconds. */
const startWithinMs = 4000

const store = storeAt(place)
const triggers = createTriggers({
  store: { triggers: telling(store.triggers as TriggerRecords) },
  params,
  perMinute: 1000,
  startWithinMs,
  async onTrigger({ deploymentId, call, cancels }) {
    const told = { life, deploymentId, callId: call.id }
    const chance = new Chance(Number.parseInt(deploymentId.slice(-8), 16))
    writeLine(log, {
      ...told,
      at: Date.now(),
      what: 'begun',
      cancels: cancels.map((each) => each.deploymentId),
    })
    tell('starting')
    await sleep(chance.pick([0, 5, 50, 200]))
    if (chance.percent(15) && !hasThrown(deploymentId)) {
      writeLine(log, { ...told, at: Date.now(), what: 'threw' })
      throw new Error('The cluster is away')
    }
    const runs = chance.percent(60)
    writeLine(log, { ...told, at: Date.now(), what: 'given', runs })
    return { id: `of-${deploymentId}`, status: runs ? 'running' : 'succeeded' }
  },
  logger: { warn: complain, error: complain },
})
createServer((request, response) => void triggers.node(request, response)).listen(port, '127.0.0.1', () =>
  process.send?.('opened'),
)

/** What is thrown once is not thrown again, by whatever process: so it starts in the end. */
function hasThrown(deploymentId: string): boolean {
  const lines = readFileSync(log, 'utf8').split('\n')
  return lines.some((line) => line.includes(deploymentId) && line.includes('"threw"'))
}

/** Says what it is in the middle of: so it is killed there. */
function telling(records: TriggerRecords): TriggerRecords {
  const told = (step: Step): Partial<TriggerRecords> => ({
    [step]: (...args: never) => {
      tell(step)
      return (records[step as 'take'] as (...given: never) => Promise<unknown>)(...args)
    },
  })
  return { ...records, ...told('take'), ...told('start'), ...told('started'), ...told('notStarted') }
}

function tell(step: Step): void {
  process.send?.(step)
}

function complain(message: string, fields?: Readonly<Record<string, unknown>>): void {
  process.send?.({ complaint: `${message} ${JSON.stringify(fields)}` })
}
