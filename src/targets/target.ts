import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { shownName } from '../shown-value.ts'
import { checkedSecret } from '../signing/secret.ts'
import { longestUrl, parseUrl } from '../signing/hook-url.ts'
import { Problems } from '../option-problems.ts'
import {
  callable,
  checkOptions,
  filled,
  flag,
  listOf,
  milliseconds,
  oneOf,
  pace,
  wholeNumber,
} from '../option-shapes.ts'
import { remoteStatuses } from './remote.ts'
import { opened, sealed } from './sealed.ts'
import { signerNames } from './signers.ts'
import {
  answerMeanings,
  repeatBehaviours,
  type LocatedTarget,
  type PollableTarget,
  type Target,
  type TargetDefinition,
  type TargetPoll,
} from './shape.ts'
import { madeOf } from './target-options.ts'

const pointer = z
  .string({ error: 'a JSON Pointer, such as `/deployment/id`' })
  .regex(/^(?:\/(?:[^~]|~[01])*)?$/u, { error: 'a JSON Pointer, such as `/deployment/id`' })
const pointersError = 'a JSON Pointer, such as `/deployment/id`, or a list of them'
const pointers = z.union([pointer, z.array(pointer).min(1)], { error: pointersError })
const orFunction = z.union([callable, pointer, z.array(pointer).min(1)], {
  error: `${pointersError}, or a function`,
})
const fields = z.record(filled, z.string().optional(), { error: 'an object of strings by name' })
const status = wholeNumber(200, 599)

const requestShape = {
  method: oneOf(['GET', 'POST', 'PUT', 'PATCH']).optional(),
  base: z
    .union([z.enum(['hook', 'origin']), z.string().regex(/^https?:\/\//iu)], {
      error: "'hook', 'origin' or an absolute http or https URL",
    })
    .optional(),
  path: madeOf(z.array(z.string()), 'a list of segments').optional(),
  trailingSlash: flag.optional(),
  query: z
    .union([z.literal('release'), callable, fields], {
      error: "'release', an object of strings by name, or a function that gives one",
    })
    .optional(),
  headers: madeOf(fields, 'an object of strings by name').optional(),
  body: madeOf(
    z.union([
      z.strictObject({ json: z.unknown() }),
      z.strictObject({ form: fields }),
      z.strictObject({ text: z.string(), type: z.string().optional() }),
    ]),
    'an object with one of json, form and text',
  ).optional(),
}

const request = z.strictObject({
  ...requestShape,
  sign: oneOf(signerNames).optional(),
  repeat: oneOf(repeatBehaviours).optional(),
  maxBodyBytes: wholeNumber(1).optional(),
  accepts: listOf(status, 'statuses, such as [200, 202]', 1).optional(),
  meanings: z
    .record(
      z.string().regex(/^[2-5]\d\d$/u, { error: 'statuses from 200 to 599 as names' }),
      oneOf(answerMeanings),
      { error: 'an object of meanings by status, such as `{ 404: "final" }`' },
    )
    .optional(),
  isAccepted: callable.optional(),
  id: pointers.optional(),
  url: pointers.optional(),
  error: orFunction.optional(),
  status: pointers.optional(),
  retryAfter: pointers.optional(),
})

const poll = z.strictObject({
  ...requestShape,
  status: orFunction,
  statuses: z.record(z.string(), oneOf(remoteStatuses), {
    error: 'an object of what each status of the receiver means',
  }),
  url: pointers.optional(),
  error: pointers.optional(),
  everyMs: milliseconds,
  untilMs: milliseconds,
})

const nameError = { error: 'a name in kebab-case, such as `github-dispatch`' }
const schema = z.strictObject({
  name: z.string(nameError).regex(/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/u, nameError),
  url: z.string({ error: 'an http or https URL, as a string' }).optional(),
  secretPath: flag.optional(),
  secrets: z.record(z.string(), z.unknown(), { error: 'an object of secrets by name' }).optional(), // checkedSecret() reads them
  requests: listOf(request, 'requests', 1),
  repeat: oneOf(repeatBehaviours),
  pace: pace.optional(),
  deadlineMs: milliseconds.optional(),
  poll: poll.optional(),
})

/**
 * Checks the definition of a target, once. What it gives can be printed, serialised and spread: `[masked]` stands in it for secrets, and
 * for the query of its URL.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`, with the path of what is wrong
 * @example
 * const pager = defineTarget({
 *   name: 'pager',
 *   repeat: 'duplicates',
 *   requests: [{ body: ({ release }) => ({ json: { text: release.summary } }), accepts: [202] }],
 * })
 */
export function defineTarget<const Secrets extends string = never>(
  definition: TargetDefinition<Secrets> & { readonly url: string; readonly poll: TargetPoll<Secrets> },
): LocatedTarget & PollableTarget
export function defineTarget<const Secrets extends string = never>(
  definition: TargetDefinition<Secrets> & { readonly poll: TargetPoll<Secrets> },
): PollableTarget
export function defineTarget<const Secrets extends string = never>(
  definition: TargetDefinition<Secrets> & { readonly url: string },
): LocatedTarget
export function defineTarget<const Secrets extends string = never>(
  definition: TargetDefinition<Secrets>,
): Target
export function defineTarget<const Secrets extends string = never>(
  definition: TargetDefinition<Secrets>,
): Target {
  const whole = checked(definition, 'target')
  const target = sealed(whole)
  known.set(target, whole)
  return target
}

/** By what users have of them, those that were checked, with all that they hold: a target is made once, and used by many hooks. */
const known = new WeakMap<Target, Target>()

/**
 * The same target, known to be well-formed, with all that it holds.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`
 */
export function wholeTarget(target: Target, option = 'target'): Target {
  const before = known.get(target)
  if (before !== undefined) return before
  const whole = checked(target, option)
  known.set(target, whole)
  return whole
}

function checked(given: Target, option: string): Target {
  checkOptions(schema, given, { of: 'a target', within: option })
  const target = opened(given, option)
  const { name, secrets, url } = target
  const problems = new Problems()
  for (const [secret, value] of Object.entries(secrets ?? {}))
    problems.of(() => checkedSecret(value, `${name}.${shownName(secret)}`))
  if (url !== undefined) problems.of(() => parseUrl(url, `${name}.url`))
  problems.of(() => checkBases(target))
  problems.throwAny()
  return target
}

/** Each with its parameters is looked for in every answer, so that all together are no longer than the URL of a hook may be. */
function checkBases(target: Target): void {
  const option = `${target.name}.base`
  const bases = basesOf(target)
  for (const base of bases) parseUrl(base, option)
  const characters = bases.reduce((sum, { length }) => sum + length, 0)
  if (characters <= longestUrl) return
  const message = `Expected URLs of requests with at most ${longestUrl} characters altogether, got ${characters}: put parameters into \`query\`.`
  throw new ConfigurationError('hook_url_invalid', option, message)
}

/** URLs of requests that go elsewhere than to the hook's, each once. */
export function basesOf({ requests, poll }: Target): readonly string[] {
  const bases = [...requests, ...(poll === undefined ? [] : [poll])].flatMap(({ base }) =>
    base === undefined || base === 'hook' || base === 'origin' ? [] : [base],
  )
  return [...new Set(bases)]
}
