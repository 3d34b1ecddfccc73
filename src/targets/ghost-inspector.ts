import { apiUrlOf } from './api-url.ts'
import { made } from './made.ts'
import { textAt } from './pointer.ts'
import type {
  AnswerMeaning,
  Fields,
  LocatedTarget,
  Made,
  PollableTarget,
  TargetAnswer,
  TargetContext,
} from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, anApiUrl, checkTargetOptions, madeText, madeTexts } from './target-options.ts'

export interface GhostInspectorOptions {
  /** Id of the suite. */
  readonly suite: string
  readonly apiKey: string
  /** Where the tests start. @default the release's URL, or each test's own */
  readonly startUrl?: Made<string | undefined> | undefined
  /** Further parameters: `browser`, `viewport`, variables of the tests. @default none */
  readonly variables?: Made<Fields> | undefined
  /** @default 'https://api.ghostinspector.com/v1' */
  readonly apiUrl?: string | undefined
}

/**
 * A test suite of Ghost Inspector: `GET /suites/{id}/execute?apiKey=&immediate=1&startUrl=`, answered 200 before it has run; a `code` of
 * `ERROR` in the body is a refusal. Asked every 5 seconds for an hour at `/suite-results/{id}`, where `passing` is null until the end. A
 * repeat runs the suite again. A suite that is set to several browsers or regions makes several results, and cannot be asked.
 *
 * Source: Ghost Inspector's API and its client for Node.js.
 */
export function ghostInspector(options: GhostInspectorOptions): LocatedTarget & PollableTarget {
  checkTargetOptions('ghostInspector', options, shape, { apiKey: 'required' })
  const { suite, apiKey, startUrl = urlOf, variables = {} } = options
  const { apiUrl = 'https://api.ghostinspector.com/v1' } = options
  return defineTarget({
    name: 'ghost-inspector',
    url: apiUrlOf(apiUrl, ['suites', suite], 'ghostInspector.suite'),
    secrets: { apiKey },
    repeat: 'side-effect',
    requests: [
      {
        method: 'GET',
        path: ['execute'],
        query: (context) => ({
          ...made(variables, context),
          startUrl: made(startUrl, context),
          immediate: '1',
          apiKey: context.secrets.apiKey,
        }),
        accepts: [200],
        isAccepted: meaningOf,
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id: '/data/_id',
        error: '/message',
      },
    ],
    poll: {
      base: 'origin',
      path: ({ remote }) => [...segmentsOf(apiUrl), 'suite-results', remote.id ?? ''],
      query: ({ secrets }) => ({ apiKey: secrets.apiKey }),
      status: ({ json }) => String((json as { readonly data: { readonly passing: unknown } }).data.passing),
      statuses: { null: 'running', true: 'succeeded', false: 'failed' },
      error: '/message',
      everyMs: 5000,
      untilMs: 3600_000,
    },
  })
}

const shape = { suite: aName, startUrl: madeText, variables: madeTexts, apiUrl: anApiUrl }

/** An answer that does not say how it went may have run the suite: it is not asked twice. */
function meaningOf({ json }: TargetAnswer): AnswerMeaning {
  const code = textAt(json, '/code')
  if (code === 'SUCCESS') return 'accepted'
  return code === 'ERROR' ? 'refused' : 'final'
}

function segmentsOf(url: string): readonly string[] {
  return new URL(url).pathname.split('/').filter((segment) => segment !== '')
}

function urlOf({ release: { url } }: TargetContext): string | undefined {
  return url
}
