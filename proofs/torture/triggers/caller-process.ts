/** Callers of triggers: CI jobs, cron and curl, who call whichever process is there, and call again when they got no answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance } from '../../../src/testing/store/chance.ts'
import { requestOf } from './call-request.ts'
import type { Call, CallerPlan, Target } from './plan.ts'

/** Calls in progress at once. */
const callers = 8
/** How often one who has a key calls again. */
const mostRepeats = 4
const longestPauseMs = 400
/** Up to which a caller waits who was answered nothing. */
const waitMs = 500
const answerMs = 15_000

const plan = JSON.parse(process.argv[2] ?? '') as CallerPlan
const chance = new Chance(plan.seed * 1000 + plan.member)
const calls: Call[] = []
let begun = 0
let answers = 0
let isEnding = false

process.once('disconnect', () => process.exit()) // whoever started it is gone
process.once('message', () => (isEnding = true))
process.send?.('ready')
await Promise.all(Array.from({ length: callers }, callOn))
process.send?.(calls, () => process.disconnect())

async function callOn(): Promise<void> {
  while (!isEnding || answers < plan.calls) {
    const target = chance.below(plan.targets.length)
    const key = chance.percent(40) ? `"key-${plan.member}-${begun}"` : undefined
    const given = requestOf(plan.targets[target] as Target, chance)
    const isAnswered = async (): Promise<boolean> => (await call(target, key, given))?.status !== undefined
    begun += 1
    let answered = await isAnswered()
    for (let left = mostRepeats; key !== undefined && left > 0; left -= 1) {
      if (answered && !chance.percent(25)) break
      await sleep(chance.below(answered ? 200 : waitMs))
      answered = await isAnswered()
    }
    await sleep(answered ? chance.below(isEnding ? 50 : longestPauseMs) : chance.below(waitMs))
  }
}

async function call(
  target: number,
  key: string | undefined,
  given: ReturnType<typeof requestOf>,
): Promise<Call | undefined> {
  const agent = `caller-${plan.member}-${calls.length}-${begun}`
  const headers = {
    ...given.headers,
    'user-agent': agent,
    ...(key === undefined ? undefined : { 'idempotency-key': key }),
  }
  const place = calls.push({ agent, target, key, sentAt: Date.now() }) - 1
  const told = calls[place] as Call
  try {
    const response = await fetch(`http://127.0.0.1:${chance.pick(plan.ports)}${given.path}`, {
      ...given,
      headers,
      signal: AbortSignal.timeout(answerMs),
    })
    answers += 1
    return (calls[place] = {
      ...told,
      ...toldBy(response.status, (await response.json()) as Readonly<Record<string, unknown>>),
    })
  } catch {
    return undefined // its process was killed: what became of it nobody told
  }
}

/** Each dialect has its words. */
function toldBy(
  status: number,
  json: Readonly<Record<string, unknown>>,
): Pick<Call, 'status' | 'deploymentId' | 'callId' | 'code'> {
  const deployment = json['deployment'] as { readonly id?: string } | undefined
  const error = json['error'] as { readonly code?: string; readonly message?: string } | string | undefined
  const code = json['code'] ?? (typeof error === 'object' ? (error.code ?? error.message) : error)
  return {
    status,
    deploymentId: deployment?.id ?? (json['deploymentId'] as string | undefined),
    callId: json['call'] as string | undefined,
    code: code as string | undefined,
  }
}
