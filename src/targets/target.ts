import * as z from 'zod'
import { checkedSecrets } from '../signing/secret.ts'
import { parseUrl } from '../signing/hook-url.ts'
import { callable, milliseconds, optionError, pace } from '../option-shapes.ts'
import { remoteStatuses } from './remote.ts'
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
 * Checks the definition of a target, once.
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
  return checkedTarget(definition)
}

/** Those that were checked: a target is made once, and used by many hooks. */
const checked = new WeakSet<Target>()

/**
 * The same target, known to be well-formed.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, `hook_url_*`
 */
export function checkedTarget(target: Target, option = 'target'): Target {
  if (checked.has(target)) return target
  const parsed = schema.safeParse(target)
  if (!parsed.success) throw optionError(parsed.error, option)
  for (const [name, secret] of Object.entries(target.secrets ?? {}))
    checkedSecrets(secret, `${target.name}.${name}`)
  if (target.url !== undefined) parseUrl(target.url, `${target.name}.url`)
  for (const base of [...target.requests, ...(target.poll === undefined ? [] : [target.poll])].map(
    (each) => each.base,
  ))
    if (base !== undefined && base !== 'hook' && base !== 'origin') parseUrl(base, `${target.name}.base`)
  checked.add(target)
  return target
}
