import { ConfigurationError, type ConfigurationProblem } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { Problems } from '../option-problems.ts'
import { optionProblems } from '../option-shapes.ts'
import { onRejection } from '../rejection.ts'
import { textOfError } from '../shown-text.ts'
import { showing } from '../shown-value.ts'
import { readCommon } from './common-options.ts'
import type { Hook } from './hook.ts'
import { infoOf } from './hook-info.ts'
import { idsOf, lookalikesIn, type Nameable, type Named } from './ids.ts'
import { withKeysApart } from './keys-apart.ts'
import { commonNamesElsewhere, dispatcherSchema } from './option-schemas.ts'
import type { NewHook } from './new-hook.ts'
import type { DispatcherOptions } from './options.ts'
import { labelOf, readHook, type ReadHook } from './read-hook.ts'
import { surprisesOf } from './surprises.ts'

/**
 * Makes hooks of the options, all of which are checked. Says once what will work and may still surprise.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `secret_invalid`, `hook_duplicate`, with all that is wrong
 */
export function createHooks(options: DispatcherOptions, logger: Logger): readonly Hook[] {
  const wrong = new Problems()
  wrong.add(
    ...optionProblems(dispatcherSchema, options, {
      of: 'createDispatcher()',
      elsewhere: commonNamesElsewhere,
    }),
  )
  const { common, hooks: given } = readCommon(options, wrong)
  const read = given.map((hook, index) => readHook(hook, common, `hooks[${index}]`))
  const rows = withRepeated(read).map((row, index) => ({ ...row, index }))
  const hooks = keptApart(rows)
  const invalid = rows.filter(({ problems }) => problems.length > 0)
  const { onInvalidHook } = options ?? {}
  if (wrong.all.length > 0 || (invalid.length > 0 && onInvalidHook === undefined))
    throw ConfigurationError.of([...wrong.all, ...invalid.flatMap(({ problems }) => problems)])
  for (const { problems, index } of invalid)
    onRejection(onInvalidHook?.(ConfigurationError.of(problems), index), (error) =>
      logger.error('`onInvalidHook` rejected', { error: textOfError(error) }),
    )
  warnOfSurprises(rows, logger)
  return hooks.map((hook) => showing(hook, () => infoOf(hook)))
}

interface Row {
  readonly made: NewHook | undefined
  readonly name: Nameable
  readonly ids: Named
  problems: readonly ConfigurationProblem[]
}

/** With ids, and with what is said of those that stand in the list before. */
function withRepeated(read: readonly ReadHook[]): readonly Row[] {
  const names = read.map(({ name }) => name)
  const ids = idsOf(names)
  const seen = new Set<string>()
  return read.map(({ made, problems, name }, index) => {
    const of = ids[index] as Named
    const isRepeated = seen.has(of.id) || of.isRepeated
    seen.add(of.id)
    return {
      made,
      ids: of,
      name,
      problems: isRepeated ? [...problems, repetition(index, name.ownId)] : problems,
    }
  })
}

function repetition(index: number, id: string | undefined): ConfigurationProblem {
  const message =
    id === undefined
      ? 'Expected every hook once, got one again: remove it, or give each an `id` of its own.'
      : 'Expected an `id` of its own, got that of a hook before it: give it another one, or remove it.'
  return { code: 'hook_duplicate', option: `hooks[${index}]`, message, ...labelOf(id) }
}

/** The hooks that can be used, none of which signs what another one's receiver could take for its own. The others are told what is wrong. */
function keptApart(rows: readonly Row[]): readonly Hook[] {
  const good = rows.flatMap((row) => {
    const { made, ids, problems } = row
    if (made === undefined || problems.length > 0) return []
    made.hook.id = ids.id
    made.hook.formerId = ids.formerId
    return { row, keyed: made }
  })
  const hooks = withKeysApart(good.map(({ keyed }) => keyed))
  if (hooks.every((hook): hook is Hook => !(hook instanceof ConfigurationError))) return hooks
  for (const [index, hook] of hooks.entries()) {
    const { row } = good[index] as (typeof good)[number]
    if (hook instanceof ConfigurationError)
      row.problems = hook.problems.map((problem) => ({ ...problem, ...labelOf(row.name.ownId) }))
  }
  return keptApart(rows) // with those alone that are good yet
}

function warnOfSurprises(rows: readonly Row[], logger: Logger): void {
  for (const { made, problems } of rows) {
    if (made === undefined || problems.length > 0) continue
    for (const { message, code } of surprisesOf(made.hook, made.option))
      logger.warn(message, code === undefined ? undefined : { code })
  }
  for (const group of lookalikesIn(rows.map(({ ids }) => ids))) {
    const which = group.map((index) => `hooks[${index}]`).join(', ')
    const message = `${which} differ in nothing that may be shown, so their place in the list tells them apart: give each an \`id\`, or what waits for one goes to another when one before it is added, removed or moved`
    logger.warn(message)
  }
}
