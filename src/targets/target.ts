import * as z from 'zod'
import { ConfigurationError } from '../errors.ts'
import { shownName } from '../shown-value.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { longestUrl, parseUrl } from '../signing/hook-url.ts'
import { callable, milliseconds, optionError, pace } from '../option-shapes.ts'
import { remoteStatuses } from './remote.ts'
import { opened, sealed } from './sealed.ts'
import { signerNames } from './signers.ts'
import { answerMeanings, repeatBehaviours, type Target, type TargetDefinition } from './shape.ts'

const made = (value: z.ZodType): z.ZodType => z.union([callable, value])
const pointer = z
  .string()
  .regex(/^(?:\/(?:[^~]|~[01])*)?$/u, { error: 'Expected a JSON Pointer: `/deployment/id`' })
const pointers = z.union([pointer, z.array(pointer).min(1)])
const fields = z.record(z.string().min(1), z.string().optional())
const status = z.int().min(200).max(599)

const requestShape = {
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH']).optional(),
  base: z
    .union([z.enum(['hook', 'origin']), z.string().regex(/^https?:\/\//iu)], {
      error: "Expected 'hook', 'origin' or an absolute http or https URL",
    })
    .optional(),
  path: made(z.array(z.string())).optional(),
  trailingSlash: z.boolean().optional(),
  query: z.union([z.literal('release'), made(fields)]).optional(),
  headers: made(fields).optional(),
  body: made(
    z.union([
      z.strictObject({ json: z.unknown() }),
      z.strictObject({ form: fields }),
      z.strictObject({ text: z.string(), type: z.string().optional() }),
    ]),
  ).optional(),
}

const request = z.strictObject({
  ...requestShape,
  sign: z.enum(signerNames).optional(),
  repeat: z.enum(repeatBehaviours).optional(),
  maxBodyBytes: z.int().min(1).optional(),
  accepts: z.array(status).min(1).optional(),
  meanings: z.record(z.string().regex(/^[2-5]\d\d$/u), z.enum(answerMeanings)).optional(),
  isAccepted: callable.optional(),
  id: pointers.optional(),
  url: pointers.optional(),
  error: z.union([callable, pointers]).optional(),
  status: pointers.optional(),
  retryAfter: pointers.optional(),
})

const poll = z.strictObject({
  ...requestShape,
  status: z.union([callable, pointers]),
  statuses: z.record(z.string(), z.enum(remoteStatuses)),
  url: pointers.optional(),
  error: pointers.optional(),
  everyMs: milliseconds,
  untilMs: milliseconds,
})

const schema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z\d]*(?:-[a-z\d]+)*$/u, { error: 'Expected a name in kebab-case' }),
  url: z.string().optional(),
  secretPath: z.boolean().optional(),
  secrets: z.record(z.string(), z.string()).optional(),
  requests: z.array(request).min(1),
  repeat: z.enum(repeatBehaviours),
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
  const parsed = schema.safeParse(given)
  if (!parsed.success) throw optionError(parsed.error, option)
  const target = opened(given, option)
  const { name, secrets, url } = target
  for (const [secret, value] of Object.entries(secrets ?? {}))
    checkedSecrets(value, `${name}.${shownName(secret)}`)
  if (url !== undefined) parseUrl(url, `${name}.url`)
  checkBases(target)
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
