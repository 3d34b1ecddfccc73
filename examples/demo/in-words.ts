import type { Attempt, Delivery } from 'deploy-hooks'

/** What became of a delivery: `delivered`, `dead (refused)`. */
export function outcomeOf({ state, outcome }: Delivery): string {
  return outcome?.kind === 'dead' ? `dead (${outcome.verdict})` : state
}

/** What an attempt saw: `status-503`, `unreachable (ECONNREFUSED, 3 times)`. */
export function reasonOf({ outcome, code, connects }: Attempt): string {
  return code === undefined ? outcome.reason : `${outcome.reason} (${code}, ${connects} times)`
}

/** Enough of a delivery's id to know it again: `dlv_3f2a91c0…`. */
export function shortId(id: string): string {
  return `${id.slice(0, 12)}…`
}

export function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
