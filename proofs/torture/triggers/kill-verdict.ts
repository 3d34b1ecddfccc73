import { violationOf, type Finding } from '../../shared/report.ts'
import { sorted } from './sorted.ts'
import type { Row } from './place.ts'
import type { LogLine } from './platform-log.ts'
import type { Call, Target } from './plan.ts'

/** A trigger that was revoked, with what waits or without, or whose token was rotated away. */
export interface Ended {
  readonly triggerId: string
  readonly how: 'revoked' | 'dropped' | 'rotated'
  /** Epoch milliseconds at which that was answered. */
  readonly at: number
}

/** All that is known when every process has ended. */
export interface KillEvidence {
  readonly targets: readonly Target[]
  readonly calls: readonly Call[]
  readonly ended: readonly Ended[]
  /** By the deployment: when its end was begun to be told, in epoch milliseconds. */
  readonly finishedAt: ReadonlyMap<string, number>
  /** Of the platform, in its order. */
  readonly log: readonly LogLine[]
  /** By the process. */
  readonly killedAt: ReadonlyMap<number, number>
  readonly complaints: readonly string[]
  readonly stored: {
    readonly calls: readonly Row[]
    readonly deployments: readonly Row[]
    readonly keys: readonly Row[]
  }
}

/** Compares what was answered with what was started, and both with what is stored. */
export function judgeKills(evidence: KillEvidence): Finding {
  const known = knownBy(evidence)
  const answered = evidence.calls.filter(isTaken)
  const starts = evidence.log.filter(({ what }) => what === 'begun')
  const again = startsAgain(known)
  return {
    figures: {
      ...figuresOf(evidence),
      deployments: known.deployments.size,
      starts: starts.length,
      'started again, after a kill': again.filter(({ why }) => why === 'killed').length,
      'started again, after it threw': again.filter(({ why }) => why === 'threw').length,
      'started again, for no reason': again.filter(({ why }) => why === 'nothing').length,
      'started in the place of others': starts.filter(({ cancels = [] }) => cancels.length > 0).length,
    },
    violations: [
      ...violationOf(neverStarted(answered, known), 'Calls were taken that started nothing'),
      ...violationOf(
        again.filter(({ why }) => why === 'nothing').map(({ id }) => id),
        'Deployments were started twice without a kill in between',
      ),
      ...violationOf(
        again.filter(({ isOtherCall, why }) => why === 'killed' && isOtherCall).map(({ id }) => id),
        'Deployments were started again after a kill for another call',
      ),
      ...violationOf(takenAfterEnd(known), 'Calls were taken after their trigger had ended'),
      ...violationOf(unrecorded(known), 'Starts are not what is recorded'),
      ...violationOf(olderCalls(known), 'Deployments were started for an older call than their newest'),
      ...violationOf(keysOfSeveral(known), 'Keys were answered with several deployments'),
      ...violationOf(untoldCancels(known), 'Deployments were canceled, and the platform was not told'),
      ...violationOf(besides(known), 'Deployments were started beside others of their lane'),
      ...violationOf(open(known), 'Deployments neither started nor ended'),
      ...violationOf(
        evidence.calls.filter(({ status = 0 }) => status >= 500).map(({ status }) => String(status)),
        'Calls failed',
      ),
      ...violationOf(
        evidence.complaints.filter((text) => !text.includes('The cluster is away')),
        'Processes complained',
      ),
    ],
  }
}

function isTaken({ status = 0 }: Call): boolean {
  return status >= 200 && status < 300
}

interface Known extends KillEvidence {
  readonly deployments: ReadonlyMap<string, Row>
  readonly records: ReadonlyMap<string, Row>
  readonly recordsByAgent: ReadonlyMap<string, Row>
  readonly deploymentByKey: ReadonlyMap<string, string>
  /** What the platform logged of each deployment. */
  readonly lines: ReadonlyMap<string, readonly LogLine[]>
  readonly endedBy: ReadonlyMap<string, Ended>
}

function knownBy(evidence: KillEvidence): Known {
  const { stored, log, ended } = evidence
  return {
    ...evidence,
    deployments: new Map(stored.deployments.map((row) => [textOf(row, 'id'), row])),
    records: new Map(stored.calls.map((row) => [textOf(row, 'id'), row])),
    recordsByAgent: new Map(stored.calls.map((row) => [textOf(row, 'user_agent'), row])),
    deploymentByKey: new Map(
      stored.keys.map((row) => [
        `${textOf(row, 'trigger_id')} "${textOf(row, 'key')}"`,
        textOf(row, 'deployment_id'),
      ]),
    ),
    lines: Map.groupBy(log, ({ deploymentId }) => deploymentId),
    endedBy: new Map(ended.map((each) => [each.triggerId, each])),
  }
}

function textOf(row: Row | undefined, column: string): string {
  const value = row?.[column]
  return typeof value === 'string' ? value : ''
}

function figuresOf({ calls, ended, stored }: KillEvidence): Finding['figures'] {
  const kindOf = ({ status, code = '' }: Call): string =>
    status === undefined ? 'answered nothing' : `answered ${status} ${status < 300 ? '' : code}`.trim()
  const kinds = Map.groupBy(calls, kindOf)
  const outcomes = Map.groupBy(stored.calls, (row) => textOf(row, 'outcome'))
  const ends = Map.groupBy(ended, ({ how }) => how)
  const counted = (groups: ReadonlyMap<string, readonly unknown[]>, prefix = ''): Finding['figures'] =>
    sorted(new Map([...groups].map(([name, all]) => [prefix + name, all.length])))
  return {
    calls: calls.length,
    answered: calls.filter(({ status }) => status !== undefined).length,
    'answered 2xx': calls.filter(isTaken).length,
    ...counted(kinds),
    ...counted(outcomes, 'recorded as '),
    ...counted(ends, 'triggers '),
  }
}

/** By the answer, by the store's own record of the call, or by its key. */
function deploymentOf(call: Call, { recordsByAgent, deploymentByKey, targets }: Known): string {
  const recorded = textOf(recordsByAgent.get(call.agent), 'deployment_id')
  if (recorded !== '') return recorded
  if (call.deploymentId !== undefined) return call.deploymentId
  return deploymentByKey.get(`${targets[call.target]?.triggerId} ${call.key}`) ?? ''
}

function neverStarted(answered: readonly Call[], known: Known): readonly string[] {
  return answered.flatMap((call) => {
    const id = deploymentOf(call, known)
    const row = known.deployments.get(id)
    if (row === undefined) return [`${call.agent}, of which nothing is stored`]
    if (call.deploymentId !== undefined && call.deploymentId !== id)
      return [`${call.agent}, whose answer names ${call.deploymentId}, and whose record ${id}`]
    const lines = known.lines.get(id) ?? []
    if (lines.some(({ what }) => what === 'given') || isDropped(call, row, lines, known)) return []
    return [`${call.agent} of ${id}, which is ${textOf(row, 'status')}: ${textOf(row, 'error')}`]
  })
}

/** The platform wanted it so: what waited was canceled with the trigger that had asked for it. */
function isDropped(call: Call, row: Row, lines: readonly LogLine[], { targets, endedBy }: Known): boolean {
  const triggerId = targets[call.target]?.triggerId ?? ''
  return (
    endedBy.get(triggerId)?.how === 'dropped' &&
    textOf(row, 'trigger_id') === triggerId &&
    textOf(row, 'status') === 'canceled' &&
    lines.every(({ what }) => what !== 'given')
  )
}

interface Again {
  readonly id: string
  readonly why: 'killed' | 'threw' | 'nothing'
  readonly isOtherCall: boolean
}

function startsAgain({ lines, killedAt }: Known): readonly Again[] {
  return [...lines].flatMap(([id, all]) => {
    const begun = all.filter(({ what }) => what === 'begun')
    return begun.slice(1).map((line, index): Again => {
      const before = begun[index] as LogLine
      const threw = all.some(
        ({ what, life, at }) => what === 'threw' && life === before.life && at >= before.at && at <= line.at,
      )
      const killed = killedAt.get(before.life) ?? Infinity
      const isKilled = killed >= before.at && killed <= line.at
      return {
        id,
        why: threw ? 'threw' : isKilled ? 'killed' : 'nothing',
        isOtherCall: before.callId !== line.callId,
      }
    })
  })
}

/** Sent after its end was answered; or recorded as taken at a time after that. */
function takenAfterEnd({ calls, targets, endedBy, stored }: Known): readonly string[] {
  const endOf = (triggerId: string): number => endedBy.get(triggerId)?.at ?? Infinity
  const answered = calls.filter(
    (call) => isTaken(call) && call.sentAt > endOf(targets[call.target]?.triggerId ?? ''),
  )
  const recorded = stored.calls.filter(
    (row) => textOf(row, 'deployment_id') !== '' && Number(row['at']) > endOf(textOf(row, 'trigger_id')),
  )
  return [...answered.map(({ agent }) => agent), ...recorded.map((row) => textOf(row, 'user_agent'))]
}

function unrecorded({ lines, deployments, records }: Known): readonly string[] {
  return [...lines].flatMap(([id, all]) => {
    const row = deployments.get(id)
    if (row === undefined) return [`${id}, which is not stored`]
    const foreign = all.find(({ callId }) => textOf(records.get(callId), 'deployment_id') !== id)
    if (foreign !== undefined) return [`${id} for ${foreign.callId}, which did not ask for it`]
    const last = all.at(-1)
    if (last?.what !== 'given') return [] // it waited again, and was dropped
    return last.callId === textOf(row, 'call_id')
      ? []
      : [`${id} for ${last.callId}, and not for its newest call`]
  })
}

/** Between the time of a call and its place in its lane, in milliseconds. */
const longestTakeMs = 5000

function olderCalls({ deployments, records, stored }: Known): readonly string[] {
  const asked = stored.calls.filter((row) => ['started', 'merged'].includes(textOf(row, 'outcome')))
  const byDeployment = Map.groupBy(asked, (row) => textOf(row, 'deployment_id'))
  return [...deployments].flatMap(([id, row]) => {
    const newest = Math.max(...(byDeployment.get(id) ?? []).map(({ at }) => Number(at)))
    const told = Number(records.get(textOf(row, 'call_id'))?.['at'])
    return told + longestTakeMs < newest ? [`${id}, by ${newest - told} ms`] : []
  })
}

function keysOfSeveral(known: Known): readonly string[] {
  const byKey = Map.groupBy(
    known.calls.filter((call) => isTaken(call) && call.key !== undefined),
    ({ target, key }) => `${target} ${key}`,
  )
  return [...byKey].flatMap(([key, calls]) =>
    new Set(calls.map((call) => deploymentOf(call, known))).size > 1 ? [key] : [],
  )
}

/** The proof tells no such end itself: what is canceled was dropped before it started, or others took its place. */
function untoldCancels({ deployments, lines, log }: Known): readonly string[] {
  const started = new Set(log.filter(({ what }) => what === 'given').map(({ deploymentId }) => deploymentId))
  const told = new Set(log.flatMap((line) => (isHeard(line, lines) ? (line.cancels ?? []) : [])))
  return [...deployments].flatMap(([id, row]) =>
    textOf(row, 'status') === 'canceled' && started.has(id) && !told.has(id) ? [id] : [],
  )
}

/** A start to whose end the platform came: not one that was killed. */
function isHeard({ what, deploymentId, life, at }: LogLine, lines: Known['lines']): boolean {
  const ends = (lines.get(deploymentId) ?? []).filter((line) => line.what !== 'begun')
  return what === 'begun' && ends.some((line) => line.life === life && line.at >= at)
}

/** Of a lane one runs at a time; another one takes its place, or waits for its end. */
function besides({ deployments, log, finishedAt }: Known): readonly string[] {
  const running = new Map<string, Map<string, LogLine>>()
  const found: string[] = []
  for (const line of log) {
    const lane = textOf(deployments.get(line.deploymentId), 'lane')
    const here = running.get(lane) ?? new Map<string, LogLine>()
    running.set(lane, here)
    if (line.what === 'threw' || line.runs === false) here.delete(line.deploymentId)
    if (line.what !== 'begun') continue
    for (const [id] of here) {
      const isOver = (finishedAt.get(id) ?? Infinity) <= line.at || line.cancels?.includes(id) === true
      if (isOver) here.delete(id)
      else if (id !== line.deploymentId) found.push(`${line.deploymentId} beside ${id}`)
    }
    here.set(line.deploymentId, line)
  }
  return found
}

function open({ deployments }: Known): readonly string[] {
  return [...deployments].flatMap(([id, row]) =>
    row['finished_at'] === null ? [`${id}, ${textOf(row, 'status')}`] : [],
  )
}
