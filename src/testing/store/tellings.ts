import type { HookToTell, Telling } from '../../stores/ledger/telling.ts'
import type { Release } from '../../release.ts'
import { at, release } from './samples.ts'

let nonces = 0

/** Of hook `a` alone, told at 0. */
export function newTelling(
  facts: Partial<Release> = {},
  more: Partial<Omit<Telling, 'release' | 'hooks'>> & {
    readonly hooks?: readonly (string | HookToTell)[]
  } = {},
): Telling {
  nonces += 1
  const { hooks = ['a'], ...others } = more
  return {
    release: { ...release, ...facts },
    hooks: hooks.map((hook) => (typeof hook === 'string' ? { hookId: hook } : hook)),
    recordedAt: at(0),
    closesAfterMs: 86_400_000,
    nonce: `n${nonces}`,
    ...others,
  }
}
