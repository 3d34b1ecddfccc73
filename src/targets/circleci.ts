import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { filled } from '../option-shapes.ts'
import { apiUrlOf, namesIn } from './api-url.ts'
import { made } from './made.ts'
import type { LocatedTarget, Made } from './shape.ts'
import { ellipsized } from '../cut.ts'
import { defineTarget } from './target.ts'
import { aName, anApiUrl, checkTargetOptions, madeOf, madeText } from './target-options.ts'

interface CircleciProject {
  /** The slug in the project's settings. @example 'gh/acme/web' */
  readonly project: string
  /** A personal API token. */
  readonly token: string
  /** Those that the configuration declares: others are refused, so that none is sent unasked. Texts are cut at 512 characters. @default none */
  readonly parameters?: Made<Readonly<Record<string, string | number | boolean>>> | undefined
  /** Of a CircleCI Server: `https://circleci.example.com/api/v2`. @default 'https://circleci.com/api/v2' */
  readonly apiUrl?: string | undefined
}

interface OfDefaultBranch {
  readonly definitionId?: undefined
  readonly branch?: undefined
  readonly tag?: undefined
}

interface OfBranch {
  /** Of the pipeline, as the project's settings show it; GitHub App projects need it. @default the older request, which names none */
  readonly definitionId?: string | undefined
  /** Needed with `definitionId`, unless a tag is given. @default the project's default branch */
  readonly branch: Made<string>
  readonly tag?: undefined
}

interface OfTag {
  readonly definitionId?: string | undefined
  readonly branch?: undefined
  /** In the place of a branch. */
  readonly tag: Made<string>
}

export type CircleciOptions = CircleciProject & (OfDefaultBranch | OfBranch | OfTag)

/**
 * A pipeline of CircleCI: `POST /project/{slug}/pipeline/run` with the id of a definition, `POST /project/{slug}/pipeline` without one;
 * both answer 201. A 200 says why no pipeline was made. A repeat is another pipeline. It is not asked how it went: a pipeline has as many
 * ends as workflows.
 *
 * Source: CircleCI's guide on triggers and API v2.
 */
export function circleci(options: CircleciOptions): LocatedTarget {
  checkTargetOptions('circleci', options, shape, { token: 'required' })
  const { project, token, definitionId, branch, tag, parameters } = options
  const { apiUrl = 'https://circleci.com/api/v2' } = options
  if (branch !== undefined && tag !== undefined) {
    const message = 'Expected a branch or a tag, got both: leave one out.'
    throw new ConfigurationError('option_invalid', 'circleci.tag', message)
  }
  if (definitionId !== undefined && branch === undefined && tag === undefined) {
    const message = 'Expected a branch or a tag beside `definitionId`, got none: give one.'
    throw new ConfigurationError('option_invalid', 'circleci.branch', message)
  }
  const names = ['project', ...namesIn(project, 3, 'circleci.project')]
  return defineTarget({
    name: 'circleci',
    url: apiUrlOf(apiUrl, names, 'circleci.project'),
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        path: definitionId === undefined ? ['pipeline'] : ['pipeline', 'run'],
        headers: ({ secrets }) => ({ 'circle-token': secrets.token }),
        body: (context) => {
          const source = { branch: made(branch, context), tag: made(tag, context) }
          const given = parameters === undefined ? undefined : sendable(made(parameters, context))
          if (definitionId === undefined) return { json: { ...source, parameters: given } }
          return {
            json: { definition_id: definitionId, config: source, checkout: source, parameters: given },
          }
        },
        accepts: [201],
        meanings: { 200: 'final', 400: 'final', 401: 'final', 403: 'final', 404: 'final', 422: 'final' },
        id: '/id',
        error: ['/errors/0/message', '/message'],
      },
    ],
  })
}

const shape = {
  project: aName,
  definitionId: filled.optional(),
  branch: madeText,
  tag: madeText,
  parameters: madeOf(
    z.record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], { error: 'a string, a number, true or false' }),
    ),
    'an object of strings, numbers and booleans by name',
  ).optional(),
  apiUrl: anApiUrl,
}

function sendable(parameters: Readonly<Record<string, string | number | boolean>>): Record<string, unknown> {
  const entries = Object.entries(parameters)
  if (entries.length > 100) throw new TypeError(`Expected at most 100 parameters, got ${entries.length}`)
  const cut = entries.map(([name, value]) => [
    name,
    typeof value === 'string' ? ellipsized(value, 512) : value,
  ])
  return Object.fromEntries(cut) as Record<string, unknown>
}
