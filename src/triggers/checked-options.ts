import { mismatch, Problems } from '../option-problems.ts'
import { optionProblems } from '../option-shapes.ts'
import type {
  TriggerDialect,
  TriggerRecord,
  TriggerSettings,
  TriggerSignature,
} from '../stores/triggers/records.ts'
import { parseRanges } from './http/source.ts'
import { createSchema, triggersSchema, updateSchema } from './option-schemas.ts'
import type { CreateTrigger, TriggersOptions, UpdateTrigger } from './options.ts'

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedOptions(options: TriggersOptions): TriggersOptions {
  const problems = new Problems()
  problems.add(...optionProblems(triggersSchema, options, { of: 'createTriggers()' }))
  const { trustedProxies } = (options as Partial<TriggersOptions> | undefined) ?? {}
  if (isListOfTexts(trustedProxies)) problems.of(() => parseRanges(trustedProxies, 'trustedProxies'))
  problems.throwAny()
  return options
}

/** What of the options decides which triggers there may be. */
export interface Allowed {
  readonly params: readonly string[]
  readonly signatures: readonly TriggerSignature[]
}

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedCreate(input: CreateTrigger, allowed: Allowed): CreateTrigger {
  const problems = new Problems()
  problems.add(...optionProblems(createSchema, input, { of: 'create()' }))
  if (problems.all.length === 0) {
    addSettings(problems, input, allowed)
    addOfDialect(problems, input.dialect ?? 'native', input)
  }
  problems.throwAny()
  return input
}

/** @throws {@link ConfigurationError} `option_invalid`, with all that is wrong */
export function checkedUpdate(input: UpdateTrigger, allowed: Allowed): UpdateTrigger {
  const problems = new Problems()
  problems.add(...optionProblems(updateSchema, input, { of: 'update()' }))
  if (problems.all.length === 0) addSettings(problems, input, allowed)
  problems.throwAny()
  return input
}

/** The settings that a trigger has once the changes are made. @throws {@link ConfigurationError} `option_invalid` */
export function changedSettings(
  { settings, dialect }: TriggerRecord,
  changes: UpdateTrigger,
): TriggerSettings {
  const { expiresAt: _, ...given } = changes
  const stated = Object.entries(given).filter(([, value]) => value !== undefined)
  const next = { ...settings, ...Object.fromEntries(stated) }
  const kept = Object.entries(next).filter(([, value]) => value !== null)
  const changed: TriggerSettings = Object.fromEntries(kept)
  const problems = new Problems()
  if (dialect === 'shipmight' && changed.name !== settings.name)
    problems.refuse(
      'name',
      "Expected none, since the name of Shipmight's cannot change, got another one: leave it out.",
    )
  addOfDialect(problems, dialect, changed)
  problems.throwAny()
  return changed
}

/** The number in Flightcontrol's URL. */
function addOfDialect(problems: Problems, dialect: TriggerDialect, { environmentId }: TriggerSettings): void {
  const isNumbered = dialect === 'flightcontrol'
  if (isNumbered === (environmentId !== undefined)) return
  const message = isNumbered
    ? mismatch(numberOf, environmentId, 'give the one that the URL shall have')
    : mismatch('none in this dialect', environmentId, 'leave it out')
  problems.refuse('environmentId', message)
}

const numberOf = "a whole number in the dialect 'flightcontrol'"

function addSettings(
  problems: Problems,
  { params, allowFrom, signature }: UpdateTrigger,
  allowed: Allowed,
): void {
  problems.of(() => parseRanges(allowFrom ?? [], 'allowFrom'))
  for (const [index, name] of (params ?? []).entries()) {
    if (allowed.params.includes(name)) continue
    const declared =
      allowed.params.length === 0 ? 'none is declared' : `declared are ${allowed.params.join(', ')}`
    const message = `Expected a parameter that is declared in \`params\` of createTriggers(), got another name: ${declared}.`
    problems.refuse(`params[${index}]`, message)
  }
  if (signature !== undefined && signature !== null && !allowed.signatures.includes(signature))
    problems.refuse(
      'signature',
      `Expected none, since there is nothing to check it by, got '${signature}': give createTriggers() \`secrets\`, and for 'deis' a \`publicUrl\`.`,
    )
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
