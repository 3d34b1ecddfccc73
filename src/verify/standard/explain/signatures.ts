import { readSignatures, type StandardSignature } from '../proof.ts'
import type { StandardNearMiss } from './near-misses.ts'

/** A signature, however it was dressed up. */
export interface DressedSignature extends StandardSignature {
  readonly misses: readonly StandardNearMiss[]
}

/** The signatures of a header, with those that are written in another way. */
export function dressedSignatures(header: string): readonly DressedSignature[] {
  const read = readSignatures(header).flatMap((signature) => undressed(signature, []))
  const bare = header.split(' ', 30).filter((entry) => entry !== '' && !entry.includes(','))
  return [
    ...read,
    ...bare.flatMap((entry) => [
      ...undressed({ version: 'v1', base64: entry.replace(/^(?:v1|sha256)=/u, '') }, ['signature-bare']),
    ]),
  ]
}

function undressed(
  signature: StandardSignature,
  misses: readonly StandardNearMiss[],
): readonly DressedSignature[] {
  const { base64, version } = signature
  if (/^[0-9a-f]{64}$/iu.test(base64)) {
    const rewritten = Buffer.from(base64, 'hex').toString('base64')
    return [{ version, base64: rewritten, misses: [...misses, 'signature-hex'] }]
  }
  const plain = Buffer.from(base64, 'base64').toString('base64')
  return plain === base64
    ? [{ ...signature, misses }]
    : [{ version, base64: plain, misses: [...misses, 'signature-base64url'] }]
}
