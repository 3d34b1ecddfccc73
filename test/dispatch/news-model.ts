import type { Facts, Hearer, Verdict } from './news-steps.ts'

type Stage = Facts['stage']
type Event = Set<string> // ids of the hooks that it was told to
type Last = { released?: Event; resulted?: Event; result?: Stage }
type Rollout = { last: Last; lastAt: number; at?: number; moments: Map<string, Event>; until: number }
type Scope = { rollout: string; stage: Stage; result: Stage | undefined; until: number }
const [day, month] = [86_400_000, 30 * 86_400_000]

/** What is news: written from the rule, not from the code. */
export class NewsModel {
  readonly scopes: Map<string, Scope> = new Map()
  readonly rollouts: Map<string, Rollout> = new Map()
  readonly keys: Map<string, { event: Event; until: number }> = new Map()
  /** Hooks whose last delivery in a scope is there, and did not die. */
  readonly reached: Set<string> = new Set()

  tell(facts: Facts, wanting: readonly Hearer[], now: number, arrives: boolean): Verdict {
    const { tenant, app, environment, version, sha, deployment, stage, at, key } = facts
    const alive = <T extends { until: number }>(all: Map<string, T>, id: string): T | undefined =>
      (all.get(id)?.until ?? 0) > now ? all.get(id) : undefined
    const scope = JSON.stringify([tenant ?? 0, app, environment ?? 0])
    const id = JSON.stringify([scope, version, deployment ?? [sha]])
    const keyed = JSON.stringify([scope, stage, key])
    const before = alive(this.scopes, scope)
    const rollout = alive(this.rollouts, id)
    const closes = deployment === undefined ? day : month
    const isLast = deployment !== undefined || before?.rollout === id
    const open: Last = isLast && rollout && now - rollout.lastAt < closes ? rollout.last : {}
    const byMoment = at === undefined ? undefined : rollout?.moments.get(`${stage} ${at}`)
    const same = stage === 'released' ? open.released : open.result === stage ? open.resulted : undefined
    const known = key === undefined ? (byMoment ?? same) : alive(this.keys, keyed)?.event
    if (known !== undefined) {
      const to = wanting.filter((hook) => !hook.onlyChanges && !known.has(hook.id)).map((hook) => hook.id)
      for (const hook of to) known.add(hook)
      if (to.length > 0 && key !== undefined) this.keys.set(keyed, { event: known, until: now + month })
      if (to.length > 0 && key === undefined && rollout) rollout.until = now + closes
      return { news: 'repeated', to }
    }
    const isLate = at !== undefined && at < (rollout?.at ?? at)
    const isChange = (stage === 'released' ? before?.stage : before?.result) !== stage
    const hears = (hook: string): boolean => !isLate && (isChange || !this.reached.has(hook + scope))
    const to = wanting.filter((hook) => !hook.onlyChanges || hears(hook.id)).map((hook) => hook.id)
    const event = new Set(to)
    const own: Last = stage === 'released' ? { released: event } : { resulted: event, result: stage }
    const next: Rollout = rollout ?? { last: {}, lastAt: now, moments: new Map(), until: 0 }
    next.until = now + closes
    if (at !== undefined) next.moments.set(`${stage} ${at}`, event)
    if (isLate && stage === 'released' && open.released === undefined) next.last.released = event
    if (!isLate) Object.assign(next, { last: { ...open, ...own }, lastAt: now, at: at ?? next.at })
    this.rollouts.set(id, next)
    if (key !== undefined) this.keys.set(keyed, { event, until: now + month })
    const result = stage === 'released' ? before?.result : stage
    if (!isLate) this.scopes.set(scope, { rollout: id, stage, result, until: now + month })
    for (const hook of to) this.reached[arrives ? 'add' : 'delete'](hook + scope)
    return { news: isLate ? 'late' : 'told', to }
  }
}
