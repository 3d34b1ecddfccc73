import { describe, expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { readAnswer } from '../../src/targets/answer.ts'
import type { Answer } from '../../src/http/transport.ts'

function answer(body: string): Answer {
  return { kind: 'answer', status: 200, headers: {}, body: Buffer.from(body), timings: { totalMs: 1 } }
}

function errorIn(body: string, error: Parameters<typeof readAnswer>[0]['error']): string | undefined {
  const target = defineTarget({
    name: 'told',
    repeat: 'duplicates',
    requests: [{ isAccepted: () => false, error }],
  })
  return readAnswer(target.requests[0], answer(body)).remote.error
}

describe('what went wrong', () => {
  it('is where a pointer points', () => {
    expect(errorIn('{"items":[{},{"error":"second"}]}', '/items/1/error')).toBe('second')
  })

  it('is what a function picks out of several items', () => {
    const pick = ({ json }: { readonly json: unknown }): string | undefined =>
      (json as { readonly items: readonly { readonly error?: string }[] }).items.find((item) => item.error)
        ?.error
    expect(errorIn('{"items":[{},{"error":"second"}]}', pick)).toBe('second')
    expect(errorIn('{"items":[]}', pick)).toBeUndefined()
    expect(errorIn('no such hook', pick)).toBe('no such hook')
  })

  it('is the line of a plain text where neither finds any, and is cut', () => {
    expect(errorIn('no such hook\n', () => undefined)).toBe('no such hook')
    expect(errorIn('no such hook\n', '/error')).toBe('no such hook')
    expect(errorIn('<html>', '/error')).toBeUndefined()
    expect(errorIn('{}', () => 'x'.repeat(2000))).toHaveLength(500)
  })
})
