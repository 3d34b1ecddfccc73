import type { ConfigurationProblem } from '../errors.ts'
import { mismatch, optionAt, Problems } from '../option-problems.ts'
import { optionProblems } from '../option-shapes.ts'
import { checkedSecrets } from '../signing/secret.ts'
import { deis } from '../targets/deis.ts'
import { suggestedTarget } from '../targets/suggestion.ts'
import { checkedTls } from './checked-tls.ts'
import type { Common } from './common-options.ts'
import { fewSecrets } from './few-secrets.ts'
import type { Nameable } from './ids.ts'
import { newHook, shownUrl, type HookParts, type NewHook, type ReadParts } from './new-hook.ts'
import { hookNamesElsewhere, hookSchema } from './option-schemas.ts'
import { hookTarget, type OptionNames } from './prepared-target.ts'
import { usableOf, wrongNames } from './usable-options.ts'

/** A hook as it was read. */
export interface ReadHook {
  /** Absent when it cannot be used. */
  readonly made: NewHook | undefined
  readonly problems: readonly ConfigurationProblem[]
  readonly name: Nameable
}

/**
 * Reads one hook: all that is wrong with it, or the hook.
 *
 * @param option where it is, for errors: `hooks[0]`; `undefined` for one alone
 */
export function readHook(given: unknown, common: Common, option?: string): ReadHook {
  const problems = new Problems()
  if (typeof given !== 'string' && !isRecord(given)) {
    const message = mismatch('a URL, or an object with the options of a hook', given, 'give one or the other')
    problems.refuse(option ?? 'hook', message)
    return { made: undefined, problems: problems.all, name: nameOfInvalid({}, option) }
  }
  const own = typeof given === 'string' ? { url: given } : given
  problems.add(
    ...optionProblems(hookSchema, own, { of: 'a hook', within: option, elsewhere: hookNamesElsewhere }),
  )
  const isWrong = wrongNames(problems.all, option)
  const usable: HookParts = usableOf(own, hookSchema, isWrong)
  const at = (name: string): string => optionAt([name], option)
  const urlOption = typeof given === 'string' && option !== undefined ? option : at('url')
  const names = { at, urlOption, isWrong: (name: string) => isWrong.has(name) }
  const parts = partsOf(usable, common, names, problems)
  if (parts === undefined || problems.all.length > 0) {
    const labelled = problems.all.map((problem) => ({ ...problem, ...labelOf(usable.id) }))
    return { made: undefined, problems: labelled, name: nameOfInvalid(usable, option) }
  }
  const made = newHook(usable, common, parts)
  return { made: { ...made, option: option ?? '' }, problems: [], name: made.name }
}

/** What has words of its own; `undefined` when some of it is wrong. */
function partsOf(
  own: HookParts,
  common: Common,
  names: OptionNames,
  problems: Problems,
): ReadParts | undefined {
  const { at } = names
  const { secret, proxy, tls } = own
  const secrets =
    secret === undefined
      ? common.secrets
      : problems.of(() => fewSecrets(checkedSecrets(secret, at('secret')), at('secret')))
  const { signerOf } = common
  const algorithm = own.algorithm ?? common.options.algorithm ?? 'sha256'
  const dialect = own.dialect ?? common.options.dialect ?? 'native'
  const prepared = problems.of(() => hookTarget(own, { secrets, algorithm, dialect, signerOf }, names))
  const connection = problems.of(() => common.connectionOf(proxy, at('proxy')))
  const ownTls = tls && problems.of(() => checkedTls(tls, at('tls')))
  const targetSecrets = problems.of(() =>
    fewSecrets(Object.values(prepared?.target.secrets ?? {}), `${at('target')}.secrets`),
  )
  if (
    prepared === undefined ||
    secrets === undefined ||
    targetSecrets === undefined ||
    connection === undefined
  )
    return undefined
  return { prepared, secrets, targetSecrets, connection, tls: ownTls, algorithm, dialect }
}

/** Ids are public, and errors go into logs; what does not look like one may have been meant as another option. */
const idLike = /^[\w.:@-]{1,64}$/u

export function labelOf(id: string | undefined): { readonly hook?: string } {
  return id === undefined || !idLike.test(id) ? {} : { hook: id }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of one that cannot be used, as near as can be told: it goes on being counted among those that look like it. */
function nameOfInvalid({ id, url, target, secretPath }: HookParts, option = ''): Nameable {
  const text = url ?? target?.url
  const parsed = typeof text === 'string' ? URL.parse(text) : null
  const hidesPath =
    secretPath ?? target?.secretPath ?? (parsed !== null && suggestedTarget(parsed) !== undefined)
  return {
    ownId: id,
    shown: parsed === null ? `none at ${option}` : shownUrl(`${parsed.origin}${parsed.pathname}`, hidesPath),
    target: typeof target?.name === 'string' ? target.name : deis().name,
    url: typeof text === 'string' ? text : `none at ${option}`,
  }
}
