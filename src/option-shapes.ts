import * as z from 'zod'
import { ConfigurationError, type ConfigurationProblem } from './errors.ts'
import { longestTimerMs } from './longest-timer.ts'
import {
  adviceFor,
  mismatch,
  optionAt,
  unknownName,
  type Elsewhere,
  type OptionPath,
} from './option-problems.ts'

/**
 * Shapes that several options have, and the one place where what zod finds becomes a {@link ConfigurationError}.
 *
 * The error of a shape says what stands behind `Expected`, and in a second line what to do, where there is more to say than to correct it.
 */

export const callable: z.ZodType<(...given: never[]) => unknown> = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === 'function',
  { error: 'a function' },
)

export const flag: z.ZodBoolean = z.boolean()
export const text: z.ZodString = z.string()
export const filled: z.ZodString = z
  .string({ error: 'a string of one or more characters' })
  .min(1, { error: 'a string of one or more characters' })

export function between(least: number, most: number, what = 'a number'): z.ZodNumber {
  const error = `${what} from ${least} to ${most}`
  return z.number({ error }).min(least, { error }).max(most, { error })
}

export const milliseconds: z.ZodNumber = between(1, longestTimerMs, 'milliseconds')

export function atLeast(least: number, what = 'a number'): z.ZodNumber {
  const error = `${what} of ${least} or more`
  return z.number({ error }).min(least, { error })
}

export function wholeNumber(least: number, most?: number): z.ZodInt {
  const error = `a whole number ${most === undefined ? `of ${least} or more` : `from ${least} to ${most}`}`
  const whole = z.int({ error }).min(least, { error })
  return most === undefined ? whole : whole.max(most, { error })
}

export function listOf<Each extends z.ZodType>(each: Each, of: string, least = 0): z.ZodArray<Each> {
  const error = `a list of ${of}${least === 0 ? '' : ', one or more'}`
  return z.array(each, { error }).min(least, { error })
}

export function oneOf<const Values extends readonly string[]>(values: Values): z.ZodType<Values[number]> {
  return z.enum(values, { error: namesOf(values) })
}

export function namesOf(values: readonly string[]): string {
  return `one of ${values.map((value) => `'${value}'`).join(', ')}`
}

export function withMethods<Value>(
  expected: string,
  ...names: readonly (keyof Value & string)[]
): z.ZodType<Value> {
  return z.custom<Value>(
    (value) =>
      names.every((name) => typeof (value as Partial<Record<string, unknown>> | null)?.[name] === 'function'),
    { error: expected },
  )
}

const perSecond = 'a number above 0, such as 0.5 for one in two seconds'

export const pace: z.ZodType<{ perSecond: number; burst?: number | undefined }> = z.strictObject({
  perSecond: z.number({ error: perSecond }).gt(0, { error: perSecond }),
  burst: wholeNumber(1).optional(),
})

export interface OptionsOf {
  /** What takes them: `createDispatcher()`. */
  readonly of: string
  /** What they are a part of, for their paths: `target` of `target.requests[0].method`. @default nothing */
  readonly within?: string | undefined
  readonly elsewhere?: Elsewhere | undefined
}

/** All that is wrong with options, in the order in which it is found. No value is in it, and no cause: either may be a secret in the wrong place. */
export function optionProblems(
  schema: z.ZodType,
  given: unknown,
  place: OptionsOf,
): readonly ConfigurationProblem[] {
  const { error } = schema.safeParse(withInherited(given, schema), { error: inWords })
  if (error === undefined) return []
  return error.issues.flatMap(plainIssues).flatMap((issue) => problemsOf(issue, schema, given, place))
}

/** With what is inherited: zod does not look at it, and whoever reads options by their names does. */
function withInherited(given: unknown, schema: z.ZodType): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  const prototype: unknown = Object.getPrototypeOf(given)
  if (prototype === Object.prototype || prototype === null) return given
  const names = namesAt(schema, []).filter((name) => name in given)
  const read = given as Readonly<Record<string, unknown>>
  return { ...given, ...Object.fromEntries(names.map((name) => [name, read[name]])) }
}

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkOptions(schema: z.ZodType, given: unknown, place: OptionsOf): void {
  const problems = optionProblems(schema, given, place)
  if (problems.length > 0) throw ConfigurationError.of(problems)
}

function problemsOf(
  issue: z.core.$ZodIssue,
  schema: z.ZodType,
  given: unknown,
  { of, within, elsewhere }: OptionsOf,
): readonly ConfigurationProblem[] {
  const at = (path: OptionPath, message: string): ConfigurationProblem => ({
    code: 'option_invalid',
    option: optionAt(path, within),
    message,
  })
  const names = namesAt(schema, issue.path)
  if (issue.code === 'unrecognized_keys') {
    const hints = issue.path.length === 0 ? elsewhere : undefined
    return issue.keys.map((key) => at([...issue.path, key], unknownName(key, names, { elsewhere: hints })))
  }
  const value = valueAt(given, issue.path)
  if (issue.path.length === 0 && issue.code === 'invalid_type') {
    const expected = `an object with the options of ${of}`
    return [at([], mismatch(expected, value, `it takes ${names.join(', ')}`))]
  }
  const [expected = '', advice = adviceFor(value, isRequiredAt(schema, issue.path))] =
    issue.message.split('\n')
  return [at(issue.path, mismatch(expected, value, advice))]
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object of options',
  record: 'an object of names and values',
}

/** What is expected, where a shape does not say it itself. */
function inWords(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return kinds[issue.expected] ?? `a value of type ${issue.expected}`
  if (issue.code === 'invalid_key') return 'names of one or more characters'
  return 'another value'
}

/** Of a union the issues of the one shape that the value is meant to have, if it is of its kind; else that of the union. */
function plainIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const shapes = issue.errors.map((issues) => issues.flatMap(plainIssues))
  const meant = shapes.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  )
  const named = meant.filter((issues) => issues.every(({ code }) => code !== 'unrecognized_keys'))
  const [issues, other] = named.length === 1 ? named : meant
  if (issues === undefined || other !== undefined) return [issue]
  return issues.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

function valueAt(given: unknown, path: OptionPath): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Readonly<Record<PropertyKey, unknown>> | null | undefined)?.[key],
    given,
  )
}

/** Names of the options that there are at a place. */
function namesAt(schema: z.core.$ZodType, path: OptionPath): readonly string[] {
  return shapesAt(schema, path).flatMap((shape) => {
    const def = defOf(shape)
    return def.type === 'object' ? Object.keys(def.shape) : []
  })
}

/** Whether the option at a place has to be there. */
function isRequiredAt(schema: z.core.$ZodType, path: OptionPath): boolean {
  const key = path.at(-1)
  if (key === undefined) return true
  return shapesAt(schema, path.slice(0, -1))
    .flatMap((shape) => within(shape, key))
    .every((shape) => defOf(shape).type !== 'optional')
}

function shapesAt(schema: z.core.$ZodType, path: OptionPath): readonly z.core.$ZodType[] {
  return path.reduce<readonly z.core.$ZodType[]>(
    (shapes, key) => shapes.flatMap((shape) => within(shape, key)).flatMap(unwrapped),
    unwrapped(schema),
  )
}

/** As zod has it, for whoever looks into a schema. */
function defOf(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as unknown as { readonly def: z.core.$ZodTypes['_zod']['def'] }).def
}

/** Without what says that it may be absent, and each of several shapes that it may have. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const def = defOf(schema)
  switch (def.type) {
    case 'optional':
    case 'nullable':
      return unwrapped(def.innerType)
    case 'pipe':
      return unwrapped(def.in)
    case 'union':
      return def.options.flatMap(unwrapped)
    default:
      return [schema]
  }
}

function within(schema: z.core.$ZodType, key: PropertyKey): readonly z.core.$ZodType[] {
  const def = defOf(schema)
  if (def.type === 'array') return [def.element]
  if (def.type === 'record') return [def.valueType]
  if (def.type !== 'object' || !Object.hasOwn(def.shape, key)) return []
  return [def.shape[String(key)] as z.core.$ZodType]
}
