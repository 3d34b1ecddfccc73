import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Refused } from '../../../src/dispatch/worker/admission.ts'
import { ClaimedDeliveries } from '../../../src/dispatch/worker/claimed-deliveries.ts'
import type { Execution, Term } from '../../../src/dispatch/worker/execution.ts'
import { Executor } from '../../../src/dispatch/worker/executor.ts'
import { Lanes } from '../../../src/dispatch/worker/lanes.ts'
import type { Settled } from '../../../src/dispatch/worker/settler.ts'
import { WakeTimer } from '../../../src/dispatch/worker/wake-timer.ts'
import type { Hook } from '../../../src/hooks/hook.ts'
import type { Exchange } from '../../../src/http/transport.ts'
import type { Delivery } from '../../../src/index.ts'
import { answer } from '../fake-transport.ts'
import { byIdOf, claimOf, held, hookOf } from './fakes.ts'

const idOf = ({ claim }: Execution): string => claim.delivery.id

/** An executor over real lanes, which tells what it asks of the others. */
export class ExecutorBench {
  readonly does: string[] = []
  readonly lanes: Lanes
  readonly claimed: ClaimedDeliveries
  readonly executor: Executor
  /** When the timer went off. */
  readonly woken: number[] = []
  refuses: (id: string) => Refused | undefined | Promise<Refused | undefined> = () => undefined
  gives: (id: string, signal: AbortSignal) => Exchange | Promise<Exchange> = () => answer(200)
  settles: Settled = {}

  constructor(hooks: readonly Hook[] = [hookOf()]) {
    const { does } = this
    const now = Date.now
    this.lanes = new Lanes({ hooks: byIdOf(hooks), overall: 512, now })
    this.claimed = new ClaimedDeliveries(this.lanes)
    const wakes = new WakeTimer(now)
    wakes.woken.listen(() => this.woken.push(now()))
    this.executor = new Executor({
      lanes: this.lanes,
      claimed: this.claimed,
      wakes,
      now,
      random: () => 0.5,
      reporter: { fault: (what, error) => void does.push(`fault: ${what}: ${String(error)}`) },
      stop: new AbortController(),
      admission: {
        ask: (_, execution) => {
          does.push(`admit ${idOf(execution)}`)
          return this.refuses(idOf(execution))
        },
        takeBack: async (execution) => {
          await nextTurn()
          does.push(`take back ${idOf(execution)}`)
        },
      },
      attempter: {
        attempt: async (_, execution, signal) => {
          does.push(`attempt ${idOf(execution)}`)
          execution.connects += 1
          return {
            kind: 'exchanged',
            exchange: await this.gives(idOf(execution), signal),
            reading: undefined,
          }
        },
      },
      settler: {
        settle: async (_, execution, { delivery }) => {
          const came = 'kind' in delivery ? delivery.kind : delivery.outcome.reason
          const { inFlight } = this.lanes.lane(execution.hookId)
          does.push(`settle ${idOf(execution)}: ${came}, ${inFlight} in flight`)
          this.claimed.finish(execution, execution.current)
          return this.settles
        },
        returnClaims: (executions) => {
          if (executions.length > 0) does.push(`return ${executions.map(idOf).join(' ')}`)
        },
      },
      memories: {
        begin: (hookId) => void does.push(`begin ${hookId}`),
        remember: (hookId) => void does.push(`remember ${hookId}`),
        reset: (hookId) => void does.push(`reset ${hookId}`),
      },
      recovery: { start: ({ id }) => void does.push(`recover ${id}`) },
    })
  }

  add(id: string, facts: Partial<Delivery> = {}, term: Term = held): Execution {
    const execution = this.claimed.add(claimOf(id, facts), term, Infinity) as Execution
    this.executor.add(execution)
    return execution
  }

  /** What is asked for until everything waits. */
  async turn(): Promise<readonly string[]> {
    for (let turn = 0; turn < 6; turn += 1) await nextTurn()
    return this.does.splice(0)
  }
}
