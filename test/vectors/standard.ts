import { readFileSync } from 'node:fs'

/** A message and its signature, with the source that published them. */
interface SignedMessage {
  readonly source: string
  readonly id: string
  readonly timestamp: number
  readonly body: string
  readonly signature: string
}

interface Vectors {
  readonly symmetric: readonly (SignedMessage & { readonly secret: string })[]
  readonly asymmetric: readonly (SignedMessage & { readonly privateKey: string; readonly publicKey: string })[]
  readonly ed25519: readonly { readonly source: string; readonly seed: string; readonly public: string }[]
}

const file = JSON.parse(readFileSync(new URL('standard.json', import.meta.url), 'utf8')) as Vectors

export const symmetric: Vectors['symmetric'] = file.symmetric
export const asymmetric: Vectors['asymmetric'] = file.asymmetric
export const ed25519: Vectors['ed25519'] = file.ed25519
