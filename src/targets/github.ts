import { apiUrlOf, namesIn } from './api-url.ts'
import type { AnswerShape, Fields, RequestShape } from './shape.ts'
import { aName, anApiUrl, type TargetShape } from './target-options.ts'

export interface GithubOptions {
  /** Owner and name. @example 'acme/web' */
  readonly repository: string
  /** Of a GitHub App's installation, or a personal one. */
  readonly token: string
  /** Of GitHub Enterprise Server: `https://github.example.com/api/v3`. @default 'https://api.github.com' */
  readonly apiUrl?: string | undefined
}

/** @param name of the target, for errors */
export function repositoryUrl(
  { repository, apiUrl = 'https://api.github.com' }: GithubOptions,
  name: string,
): string {
  const names = namesIn(repository, 2, `${name}.repository`)
  return apiUrlOf(apiUrl, ['repos', ...names], `${name}.repository`)
}

export const githubShape: TargetShape = { repository: aName, apiUrl: anApiUrl }

export const githubHeaders: Exclude<RequestShape<'token'>['headers'], undefined> = ({ secrets }): Fields => ({
  accept: 'application/vnd.github+json',
  authorization: `Bearer ${secrets.token}`,
  'x-github-api-version': '2022-11-28',
})

/**
 * Refusals. 403 is also a limit of rate, which passes; 404 is also a token that does not see the repository; 301 and 307 are repositories
 * that were renamed.
 */
export const githubRefusals: Pick<AnswerShape, 'meanings' | 'error'> = {
  meanings: { 301: 'final', 307: 'final', 308: 'final', 401: 'final', 404: 'final', 422: 'final' },
  error: ['/errors/0/message', '/errors/0', '/message'],
}
