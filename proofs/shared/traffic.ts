/** Releases at even distances, to hooks that take turns. The n-th release has version n, so its time and its hook can be told from it. */
export interface Traffic {
  readonly perSecond: number
  /** Hooks in the order of their turns. */
  readonly turns: readonly number[]
  /** Before what is measured. */
  readonly warmUpSeconds: number
  readonly seconds: number
}

/** Versions from `first` to `last`. */
export interface Versions {
  readonly first: number
  readonly last: number
}

export function warmUpVersions({ perSecond, warmUpSeconds }: Traffic): Versions {
  return { first: 1, last: warmUpSeconds * perSecond }
}

export function measuredVersions({ perSecond, warmUpSeconds, seconds }: Traffic): Versions {
  const before = warmUpSeconds * perSecond
  return { first: before + 1, last: before + seconds * perSecond }
}

/** Milliseconds after the start. */
export function scheduledMs({ perSecond }: Traffic, version: number): number {
  return ((version - 1) * 1000) / perSecond
}

export function hookOf({ turns }: Traffic, version: number): number {
  return turns[(version - 1) % turns.length] ?? Number.NaN
}

/** Each hook wants the releases of one app. */
export function appOf(hook: number): string {
  return `app-${hook}`
}
