import { withoutTokens } from '../token.ts'

/** What is answered: status, headers, and a value for JSON, or a page. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly json?: unknown
  readonly html?: string | undefined
  /** The body of the request was not read: the connection is of no further use. */
  readonly closes?: boolean | undefined
}

/** On every answer: what is asked for is a secret, and the answer is for once. */
const always = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

const page = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-robots-tag': 'noindex, nofollow',
}

/** Headers and body, without the tokens that a caller may have put where they would be shown. */
export function writtenOf(
  answer: Answer,
  prefix: string,
): { readonly headers: Record<string, string>; readonly body: string | undefined } {
  const headers = Object.entries(headersOf(answer)).map(([name, value]) => [
    name,
    withoutTokens(value, prefix),
  ])
  const body = bodyOf(answer)
  return {
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: body === undefined ? undefined : withoutTokens(body, prefix),
  }
}

function headersOf({ headers, json, html, closes }: Answer): Record<string, string> {
  return {
    ...always,
    ...(html === undefined ? undefined : page),
    ...(json === undefined ? undefined : { 'content-type': 'application/json' }),
    ...headers,
    ...(closes === true ? { connection: 'close' } : undefined),
  }
}

function bodyOf({ json, html }: Answer): string | undefined {
  return html ?? (json === undefined ? undefined : JSON.stringify(json))
}
