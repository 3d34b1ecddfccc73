import type { StandardVersion } from '../../../signing/standard-secret.ts'
import type { Budget } from '../../explain/budget.ts'
import type { StandardSignature } from '../proof.ts'

// In signatures of a short URL: an HMAC by an object of its own takes 2.5 us, and Ed25519 0.1 ms.
const costOf = { v1: 2, v1a: 60 } as const

/** Parsing JSON takes as long, at worst, as reading so many characters for each of its own. */
export const charactersPerParsed = 16

/**
 * Before the signatures of a header are tried under a key: one HMAC is compared with all of them, while under a public key each is
 * proven by itself.
 *
 * @throws {@link BudgetSpent}
 */
export function spend(
  budget: Budget,
  bytes: number,
  signatures: readonly StandardSignature[],
  version: StandardVersion,
): void {
  const count = signatures.filter((signature) => signature.version === version).length
  budget.sign(bytes, version === 'v1' ? Math.min(count, 1) : count, costOf[version])
}
