/** What a process does some of whose hooks have names that hang. */
export interface NamesPlan {
  /** Names that the name server never answers for, with a hook each. */
  readonly hanging: number
  /** Whether the store is a SQLite file, and files are read all the time. */
  readonly busy: boolean
  /** For files of the run. */
  readonly folder: string
}

export interface NamesFigures {
  /** Deliveries of the healthy hook that its receiver had, in percent. */
  readonly arrived: number
  /** From the moment a release was scheduled for to its receipt, in milliseconds; `null` for what did not arrive. */
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
  /** Attempts of the healthy hook that failed. */
  readonly charged: number
  /** Those of the hooks whose names hang, all of which failed. */
  readonly hung: number
}

/** Of the healthy hook. */
export const perSecond = 10
export const seconds = 20
