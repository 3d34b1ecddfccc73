import { Problems } from '../option-problems.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { parseHookUrl, parseUrl, type HookUrl } from '../signing/hook-url.ts'
import type { Dialect } from '../signing/dialect.ts'
import { deis } from '../targets/deis.ts'
import type { Target } from '../targets/shape.ts'
import type { RequestSigner, SignerOf } from '../targets/signers.ts'
import { wholeTarget } from '../targets/target.ts'
import { stepsOf, type Step } from './steps.ts'

/** A hook's target, made ready for it. */
export interface HookTarget {
  readonly url: HookUrl
  readonly target: Target
  /** One for each request of the target; absent for those that are not signed. */
  readonly signers: readonly (RequestSigner | undefined)[]
  /** What it may take to deliver a release there, in order. */
  readonly steps: readonly Step[]
  /** Among its requests is one that must not be made twice. */
  readonly isOnce: boolean
  readonly waitFor: 'accepted' | 'finished'
}

/**
 * Makes the target ready, or tells all that is wrong with it, and with the URL.
 *
 * @returns `undefined` when what is wrong was told before
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `secret_invalid`
 */
export function hookTarget(
  own: Partial<Pick<HookAt, 'url' | 'target' | 'waitFor'>>,
  { secrets, algorithm, dialect, signerOf }: Signing,
  { at, urlOption, isWrong }: OptionNames,
): HookTarget | undefined {
  const problems = new Problems()
  const given = isWrong('target') ? undefined : (own.target ?? deis())
  const target = given && problems.of(() => wholeTarget(given, at('target')))
  const { waitFor = 'accepted' } = own
  if (waitFor === 'finished' && target !== undefined && target.poll === undefined) {
    const message = `Expected 'accepted', since the target ${target.name} cannot be asked how it went, got 'finished': leave \`waitFor\` out.`
    problems.refuse(at('waitFor'), message)
  }
  const text = own.url ?? target?.url ?? ''
  const isRelease = target !== undefined && sendsRelease(target)
  const url = isWrong('url')
    ? undefined
    : problems.of(() => (isRelease ? parseHookUrl(text, urlOption, dialect) : parseUrl(text, urlOption)))
  const signers = problems.of(() =>
    target?.requests.map(({ sign }) => sign && secrets && signerOf(sign, secrets, algorithm, at('secret'))),
  )
  problems.throwAny()
  if (target === undefined || url === undefined) return undefined
  const steps = stepsOf(target)
  return {
    url,
    target,
    signers: signers ?? [],
    steps,
    isOnce: steps.some((step) => step.kind === 'request' && step.isOnce),
    waitFor,
  }
}

/** Where it is, and what is awaited. */
interface HookAt {
  readonly url: string
  readonly target: Target
  readonly waitFor: 'accepted' | 'finished'
}

/** For errors. */
export interface OptionNames {
  /** Where an option of the hook is. */
  readonly at: (name: string) => string
  readonly urlOption: string
  /** Whether an option is known to be wrong. */
  readonly isWrong: (name: string) => boolean
}

/** How the hook signs. */
interface Signing {
  /** `undefined` when they are wrong. */
  readonly secrets: readonly string[] | undefined
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
  readonly signerOf: SignerOf
}

/** Whether the release stands in the query, as in Deis's. */
export function sendsRelease({ requests, poll }: Target): boolean {
  return requests.some(({ query }) => query === 'release') || poll?.query === 'release'
}

/** Whether requests go unsigned that their receiver expects to be signed. */
export function isUnsigned({ target, signers }: HookTarget): boolean {
  return target.requests.some(({ sign }, index) => sign !== undefined && signers[index] === undefined)
}
