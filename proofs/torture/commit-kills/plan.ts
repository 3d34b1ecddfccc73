/** What befalls a controller: it is killed, its connection is cut, or the server ends its session. */
export const faults = ['kill', 'cut both', 'cut request', 'cut answer', 'terminate'] as const

type Fault = (typeof faults)[number]

/** One release that a controller records in its own table and tells of, in one transaction, and what befalls it. */
export interface Trial {
  readonly number: number
  readonly fault: Fault
  /** What is under way when the time of the fault begins to run. */
  readonly from: 'insert' | 'commit'
  /** When it befalls, as a share of the time that a COMMIT took before: often before its answer, sometimes after. */
  readonly after: number
  /** By `dispatch()`, or by the SQL function. */
  readonly by: 'dispatch' | 'function'
}

/** For a controller's process. */
export interface CommitPlan {
  readonly connectionString: string
  /** The file to which it says what became of each. */
  readonly endings: string
  readonly trials: readonly Trial[]
}

/** What a controller knows: `unknown` when COMMIT was asked for, and no answer came. */
export type Ending = 'committed' | 'rolled back' | 'unknown'

/** The receiver is not called before the controllers have ended: any port will do. */
export const hook = { id: 'torture', path: '/hook' } as const
export const ownTable = 'controller_releases'
