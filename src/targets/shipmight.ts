import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { made } from './made.ts'
import type { Made, Target, TargetBody, TargetContext } from './shape.ts'
import { cut } from '../cut.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

interface ShipmightHook {
  /** Of the deploy hook, shown once when it is created. */
  readonly token: string
}

interface OfApp {
  /** Of an app: the tag of the image to deploy. @default the release's version @example ({ release }) => release.sha ?? 'latest' */
  readonly imageTag?: Made<string> | undefined
  readonly variables?: undefined
}

interface OfJob {
  readonly imageTag?: undefined
  /**
   * Of a job, in the place of `imageTag`: the environment of one run. Names are capital letters, digits and `_`; a value is cut to 200
   * characters, and one that is `undefined` is left out. @example { VERSION: ({ release }) => release.version }
   */
  readonly variables: Readonly<Record<string, Made<string | undefined>>>
}

export type ShipmightOptions = ShipmightHook & (OfApp | OfJob)

const variableName = /^[A-Z][A-Z0-9_]{0,199}$/u
const longestValue = 200

const variablesError =
  'strings, or functions that give one, by names of capital letters, digits and _, 200 characters at most'
const shape = {
  imageTag: madeText,
  variables: z
    .custom(
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.entries(value).every(
          ([name, each]) =>
            variableName.test(name) && ['string', 'function', 'undefined'].includes(typeof each),
        ),
      { error: variablesError },
    )
    .optional(),
}

/**
 * A deploy hook of Shipmight, whose URL ends in `/api/v1/dh`: the image tag of an app, or the variables of a job's run, with the token in
 * `X-Deploy-Hook-Token`. Answered 201 `{}` before the rollout starts, which cannot be followed. A repeat rolls out, or runs, again.
 * After its guide and its source.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`
 */
export function shipmight(options: ShipmightOptions): Target {
  checkTargetOptions('shipmight', options, shape, { token: 'required' })
  const { token, imageTag, variables } = options
  if (imageTag !== undefined && variables !== undefined) {
    const message =
      'Expected either `imageTag`, for an app, or `variables`, for a job, got both: leave one out.'
    throw new ConfigurationError('option_invalid', 'shipmight.imageTag', message)
  }
  return defineTarget({
    name: 'shipmight',
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        headers: ({ secrets }) => ({ 'x-deploy-hook-token': secrets.token }),
        body: (context) => (variables === undefined ? tagOf(imageTag, context) : runOf(variables, context)),
        accepts: [201],
        meanings: { 400: 'final', 401: 'final', 404: 'final' },
        error: ['/error/errors/0/message', '/errors/0/message', '/error/message'],
      },
    ],
  })
}

function tagOf(imageTag: OfApp['imageTag'], context: TargetContext): TargetBody {
  return { json: { imageTag: made(imageTag, context) ?? context.release.version } }
}

function runOf(variables: OfJob['variables'], context: TargetContext): TargetBody {
  const values = Object.entries(variables).map(([name, value]) => ({ name, value: made(value, context) }))
  const instanceEnvironmentVariables = values.flatMap(({ name, value }) =>
    value === undefined ? [] : [{ name, value: cut(value, longestValue) }],
  )
  return { json: { instanceEnvironmentVariables } }
}
