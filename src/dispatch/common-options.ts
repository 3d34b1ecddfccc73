import { createEgressGuard } from '../http/egress.ts'
import type { Problems } from '../option-problems.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { few, wrongNames, type Common } from './hook.ts'
import type { DispatcherOptions } from './options.ts'

/**
 * What all hooks have in common, and the hooks as they were given: without what is wrong, so that every hook is read nevertheless.
 *
 * @param problems that the shapes of the options have; those of their secret and of `egress` are added
 */
export function readCommon(
  given: unknown,
  problems: Problems,
): { readonly common: Common; readonly hooks: readonly unknown[] } {
  const isWrong = wrongNames(problems.all)
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  const entries = isObject ? Object.entries(given).filter(([name]) => !isWrong.has(name)) : []
  const { hooks = [], ...options } = Object.fromEntries(entries) as Partial<DispatcherOptions>
  const guard = problems.of(() => createEgressGuard(options.egress)) ?? createEgressGuard()
  const { secret } = options
  // That of a variable that is not set, as `secret: process.env.KEY` gives it, would send unsigned requests.
  const secrets = Object.hasOwn(options, 'secret')
    ? problems.of(() => few(checkedSecrets(secret as never), 'secret'))
    : []
  return { common: { options, secrets, connection: { guard } }, hooks }
}
