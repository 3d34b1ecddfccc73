import { ConfigurationError, type ConfigurationProblem } from './errors.ts'
import { adviceFor, mismatch, optionAt, Problems, unknownName, type Elsewhere } from './option-problems.ts'

/** Options of one level, checked without a package: for what loads none, `deploy-hooks/verify` before all. Shapes within shapes have zod. */

/** What an option may be. */
export interface Field {
  /** What stands behind `Expected`. */
  readonly expected: string
  /** What to do, where there is more to say than to correct it. */
  readonly advice?: string | undefined
  readonly isRequired?: boolean | undefined
  readonly is: (value: unknown) => boolean
  /** Reads one that has words of its own for what is wrong: it throws a {@link ConfigurationError}. */
  readonly read?: ((value: unknown, option: string) => unknown) | undefined
}

export type Fields = Readonly<Record<string, Field>>

export const aFunction: Field = { expected: 'a function', is: (value) => typeof value === 'function' }
export const aFlag: Field = { expected: 'true or false', is: (value) => typeof value === 'boolean' }
export const aText: Field = { expected: 'a string', is: (value) => typeof value === 'string' }

/** @param read throws a {@link ConfigurationError} */
export function readBy(read: (value: never, option: string) => unknown): Field {
  return { expected: 'a value', is: () => true, read: read as NonNullable<Field['read']> }
}

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER, of = ''): Field {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
  return {
    expected: `a whole number${of} ${range}`,
    is: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  }
}

export function oneOf(values: readonly string[]): Field {
  return {
    expected: `one of ${values.map((value) => `'${value}'`).join(', ')}`,
    is: (value) => values.includes(value as string),
  }
}

export function withMethods(expected: string, ...names: readonly string[]): Field {
  return {
    expected,
    is: (value) =>
      names.every((name) => typeof (value as Partial<Record<string, unknown>> | null)?.[name] === 'function'),
  }
}

/** @param each what one is */
export function listField(expected: string, each: string, is: (value: unknown) => boolean): Field {
  return readBy((list: unknown, option) => {
    const problems = new Problems()
    if (!Array.isArray(list)) problems.refuse(option, mismatch(expected, list, adviceFor(list, false)))
    else
      for (const [index, value] of (list as readonly unknown[]).entries())
        if (!is(value)) problems.refuse(`${option}[${index}]`, mismatch(each, value, 'correct it'))
    problems.throwAny()
  })
}

export function required(field: Field): Field {
  return { ...field, isRequired: true }
}

interface Place {
  /** What takes them: `createVerifier()`. */
  readonly of: string
  /** What the options are a part of, for their paths. @default nothing */
  readonly within?: string | undefined
  readonly elsewhere?: Elsewhere | undefined
}

/** All that is wrong with options, in the order of the fields. */
function fieldProblems(
  given: unknown,
  fields: Fields,
  { of, within, elsewhere }: Place,
): readonly ConfigurationProblem[] {
  const problem = (path: readonly string[], message: string): ConfigurationProblem => ({
    code: 'option_invalid',
    option: optionAt(path, within),
    message,
  })
  const names = Object.keys(fields)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const expected = `an object with the options of ${of}`
    return [problem([], mismatch(expected, given, `it takes ${names.join(', ')}`))]
  }
  const problems = new Problems()
  for (const [name, { expected, advice, isRequired = false, is, read }] of Object.entries(fields)) {
    const value = (given as Readonly<Record<string, unknown>>)[name]
    if (value === undefined && !isRequired) continue
    if (read !== undefined) problems.of(() => read(value, optionAt([name], within)))
    else if (value === undefined || !is(value))
      problems.add(problem([name], mismatch(expected, value, advice ?? adviceFor(value, isRequired))))
  }
  for (const name of Object.keys(given))
    if (!Object.hasOwn(fields, name)) problems.add(problem([name], unknownName(name, names, { elsewhere })))
  return problems.all
}

/** @throws {@link ConfigurationError} `option_invalid`, or what its readers say, with all that is wrong */
export function checkFields(given: unknown, fields: Fields, place: Place): void {
  const problems = fieldProblems(given, fields, place)
  if (problems.length > 0) throw ConfigurationError.of(problems)
}
