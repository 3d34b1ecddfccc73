import * as z from 'zod'
import type { Elsewhere } from '../option-problems.ts'
import { Problems } from '../option-problems.ts'
import { callable, optionProblems, text } from '../option-shapes.ts'
import { checkedSecret } from '../signing/secret.ts'

/** Shapes of the options of targets. */

/** Of targets that take none. */
export type NoOptions = Readonly<Record<string, never>>

export const noOptions: TargetShape = {}

/** A value, or a function that makes it of the release. */
export function madeOf(value: z.ZodType, expected: string): z.ZodType {
  return z.union([callable, value], { error: `${expected}, or a function that gives one` })
}

const texts = z.record(z.string(), z.string().optional(), { error: 'an object of strings by name' })

export const madeText: z.ZodOptional = madeOf(text, 'a string').optional()
/** Parameters, headers, facts: by name. */
export const madeTexts: z.ZodOptional = madeOf(texts, 'an object of strings by name').optional()
export const madeObject: z.ZodOptional = madeOf(z.record(z.string(), z.unknown()), 'an object').optional()
/** One that stands in a URL, and has to be there. */
export const aName: z.ZodType = z.custom<string>(
  (value) => typeof value === 'string' && value !== '' && value !== '.' && value !== '..',
  { error: 'a name of one or more characters' },
)

/** Read by `apiUrlOf()`, or `parseUrl()`. */
export const anApiUrl: z.ZodOptional = z.string({ error: 'the URL of an API, as a string' }).optional()

/** Of what chats have in common. */
export const chatShape: TargetShape = {
  title: madeText,
  details: madeTexts,
  message: callable.optional(),
}

/** Options by name. */
export type TargetShape = Readonly<Record<string, z.ZodType>>

type SecretsOf = Readonly<Record<string, 'required' | 'optional'>>

/** What people look for here, and what is said of the hook. */
const ofHooks: Elsewhere = Object.fromEntries(
  ['url', 'id', 'secret', 'after', 'waitFor', 'apps', 'secretPath', 'onlyChanges', 'supersede'].map(
    (name) => [name, 'it is an option of the hook, beside `target`'],
  ),
)

/** By the shape that a target's module has: a platform makes one for each of its rows. */
const schemas = new WeakMap<TargetShape, z.ZodType>()

function schemaOf(shape: TargetShape, secrets: SecretsOf): z.ZodType {
  const before = schemas.get(shape)
  if (before !== undefined) return before
  const known = Object.fromEntries(Object.keys(secrets).map((secret) => [secret, z.unknown().optional()]))
  const schema = z.strictObject({ ...known, ...shape })
  schemas.set(shape, schema)
  return schema
}

/**
 * Checks what a target is made with.
 *
 * @param name of the function, with which paths begin
 * @param shape the same object each time
 * @param secrets that it takes besides
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`, with all that is wrong
 */
export function checkTargetOptions(
  name: string,
  given: unknown,
  shape: TargetShape,
  secrets: SecretsOf = {},
  elsewhere?: Elsewhere,
): void {
  const problems = new Problems()
  problems.add(
    ...optionProblems(schemaOf(shape, secrets), given, {
      of: `${name}()`,
      within: name,
      elsewhere: elsewhere === undefined ? ofHooks : { ...ofHooks, ...elsewhere },
    }),
  )
  if (typeof given === 'object' && given !== null)
    for (const [secret, need] of Object.entries(secrets)) {
      const value = (given as Readonly<Record<string, unknown>>)[secret]
      if (value !== undefined || need === 'required')
        problems.of(() => checkedSecret(value, `${name}.${secret}`))
    }
  problems.throwAny()
}
