import { createEgressGuard } from '../http/egress.ts'
import type { Problems } from '../option-problems.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { few, usableOf, wrongNames, type Common } from './hook.ts'
import { dispatcherSchema } from './option-schemas.ts'
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
  const usable: Partial<DispatcherOptions> = isObject ? usableOf(given, dispatcherSchema, isWrong) : {}
  const { hooks = [], ...options } = usable
  const guard = problems.of(() => createEgressGuard(options.egress)) ?? createEgressGuard()
  const { secret } = options
  // That of a variable that is not set, as `secret: process.env.KEY` gives it, would send unsigned requests.
  const secrets = 'secret' in options ? problems.of(() => few(checkedSecrets(secret as never), 'secret')) : []
  return { common: { options, secrets, connection: { guard } }, hooks }
}
