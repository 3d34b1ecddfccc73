import type { Answer } from './exchange.ts'
import { isBefore, pulledHeader } from './odd-plan.ts'
import type { OddRequest } from './odd-requests.ts'
import { TriggerRefusal, type RefusalCode } from '../../../src/triggers/refusal.ts'

const codes = Object.keys(isBefore) as RefusalCode[]
/** What is answered to what is taken, looked at, or starts nothing. */
const successes = [200, 201, 202]
/** Shipmight's own, for parameters that are not right; StackBlaze's, for a token that is not. */
const statuses = new Set([...successes, 400, 401, ...codes.map((code) => new TriggerRefusal(code).status)])

/** What kind of answer it is, for the report. */
export function kindOf(answer: Answer, { afterwards }: OddRequest): string {
  const { status, headers } = answer
  if (status === undefined)
    return afterwards === 'waits' ? 'closed by the server, without an answer' : 'given up by the sender'
  if (!headers.has(pulledHeader)) return `answered ${status} by the server itself`
  return `answered ${status} ${codeOf(answer) ?? ''}`.trim()
}

/** What is wrong with an answer. */
export function faultOf(answer: Answer, request: OddRequest): string | undefined {
  const { status, headers } = answer
  const pulled = headers.get(pulledHeader)
  if (status === undefined) return undefined // whether the server owes it one, it tells itself
  if (pulled === undefined) return status < 500 ? undefined : `${status} by the server itself`
  const code = codeOf(answer)
  if (!statuses.has(status) || status === 500 || code === 'failed') return `an answer ${status} ${code ?? ''}`
  if (code !== undefined && !codes.includes(code as RefusalCode)) return `the code ${code}`
  if (code !== undefined && isBefore[code as RefusalCode] && pulled !== '0')
    return `${code}, when ${pulled} bytes of a body were read`
  if (headers.get('cache-control') !== 'no-store') return 'an answer that may be kept'
  if (request.bytes.subarray(0, 5).toString() === 'HEAD ' && answer.body !== '') return 'a body for HEAD'
  return undefined
}

/** Three dialects say the code. */
function codeOf({ body }: Answer): string | undefined {
  try {
    const json = JSON.parse(body) as { readonly code?: string; readonly error?: { readonly code?: string } }
    return json.code ?? json.error?.code
  } catch {
    return undefined // a page, or nothing
  }
}
