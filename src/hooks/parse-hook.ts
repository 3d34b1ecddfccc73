import { ConfigurationError, type ConfigurationProblem } from '../errors.ts'
import { Problems } from '../option-problems.ts'
import { optionProblems } from '../option-shapes.ts'
import { readCommon } from './common-options.ts'
import { withKeysApart } from './keys-apart.ts'
import { commonSchema } from './option-schemas.ts'
import type { DispatcherOptions, HookOptions } from './options.ts'
import { readHook } from './read-hook.ts'
import { surprisesOf } from './surprises.ts'

/** What one hook came to. */
export type ParsedHook =
  | {
      readonly ok: true
      /** As it was given, for `createDispatcher()`. */
      readonly hook: HookOptions
      /** What works and may surprise, in sentences: that it is unsigned, that its address may not be sent to. */
      readonly warnings: readonly string[]
    }
  | {
      readonly ok: false
      /** All that is wrong, each with its field: `url`, `apps[1]`. */
      readonly problems: readonly ConfigurationProblem[]
    }

/**
 * Reads one hook, of a form or a row of a table, as `createDispatcher()` would. It sends nothing and resolves no name.
 *
 * Whether its `id`, its URL or its secret is right beside other hooks, is for the list of all of them to say: `onInvalidHook`.
 *
 * @param input a URL, or the options of a hook, of whatever type it turns out to be
 * @param options what the dispatcher is created with besides `hooks`: a secret, an algorithm, `egress`
 * @throws {@link ConfigurationError} for `options`; never for `input`
 * @example
 * const parsed = parseHook({ url: 'https://hooks.example.com/deploy ', after: 'faild' }, { secret })
 * if (!parsed.ok) for (const { option, message } of parsed.problems) console.log(option, message)
 */
export function parseHook(input: unknown, options: Omit<DispatcherOptions, 'hooks'> = {}): ParsedHook {
  const wrong = new Problems()
  wrong.add(...optionProblems(commonSchema, options, { of: 'parseHook()' }))
  const { common } = readCommon(options, wrong)
  wrong.throwAny()
  const { made, problems } = readHook(input, common)
  if (made === undefined) return { ok: false, problems }
  const [hook] = withKeysApart([made])
  if (hook instanceof ConfigurationError) return { ok: false, problems: hook.problems }
  return {
    ok: true,
    hook: (typeof input === 'string' ? { url: input } : input) as HookOptions,
    warnings: surprisesOf(made.hook, 'The hook').map(({ message }) => message),
  }
}
