import { createHmac, verify } from 'node:crypto'
import { fromBase64 } from '../../signing/base64.ts'
import type { StandardKey, StandardVersion } from '../../signing/standard-secret.ts'
import { createComparison } from '../comparison.ts'

/** One signature of the header, of a version that is known. */
export interface StandardSignature {
  readonly version: StandardVersion
  readonly base64: string
}

/** Which of the signatures is right under one key; `undefined` when none is. */
export type Prove = <Signature extends StandardSignature>(
  content: Buffer,
  signatures: readonly Signature[],
) => Signature | undefined

/** More are not looked at: each takes some 0.1 ms under a public key. */
const mostSignatures = 30

/** The signatures in a header; versions that are not known are passed over, as the specification has it. */
export function readSignatures(header: string): readonly StandardSignature[] {
  return header.split(' ', mostSignatures).flatMap((entry) => {
    const comma = entry.indexOf(',')
    const version = entry.slice(0, Math.max(comma, 0))
    return version === 'v1' || version === 'v1a' ? [{ version, base64: entry.slice(comma + 1) }] : []
  })
}

/** Prepares one key. */
export function createProof({ version, key }: StandardKey): Prove {
  if (version === 'v1') {
    const isSame = createComparison(44) // SHA-256 in base64
    return (content, signatures) => {
      const own = signatures.filter((signature) => signature.version === 'v1')
      if (own.length === 0) return undefined
      const digest = createHmac('sha256', key).update(content).digest('base64')
      return own.find(({ base64 }) => isSame(digest, base64))
    }
  }
  return (content, signatures) =>
    signatures.find((signature) => {
      if (signature.version !== 'v1a') return false
      const bytes = signature.base64.length === 88 ? fromBase64(signature.base64) : undefined // 64 bytes
      return bytes !== undefined && verify(null, content, key, bytes)
    })
}
