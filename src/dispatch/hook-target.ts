import { ConfigurationError } from '../errors.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { parseHookUrl, parseUrl, type HookUrl } from '../signing/hook-url.ts'
import type { Dialect } from '../signing/release-url.ts'
import { deis } from '../targets/deis.ts'
import type { Target } from '../targets/shape.ts'
import { createRequestSigner, type RequestSigner } from '../targets/signers.ts'
import { wholeTarget } from '../targets/target.ts'
import type { HookOptions } from './options.ts'
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
 * @param option of the hook, for errors
 * @param urlOption of its URL
 * @throws {@link ConfigurationError} `option_invalid`, `hook_url_*`, `secret_invalid`
 */
export function hookTarget(
  own: HookOptions,
  { secrets, algorithm, dialect }: Signing,
  option: string,
  urlOption: string,
): HookTarget {
  const target = wholeTarget(own.target ?? deis(), `${option}.target`)
  const { requests, poll } = target
  const steps = stepsOf(target)
  const { waitFor = 'accepted' } = own
  if (waitFor === 'finished' && poll === undefined) {
    const message = `Expected a target that can be asked how it went, got one that cannot: leave \`waitFor\` out.`
    throw new ConfigurationError('option_invalid', `${option}.waitFor`, message)
  }
  const url = own.url ?? target.url ?? ''
  return {
    url: sendsRelease(target) ? parseHookUrl(url, urlOption, dialect) : parseUrl(url, urlOption),
    target,
    signers: requests.map(
      ({ sign }) => sign && createRequestSigner(sign, secrets, algorithm, `${option}.secret`),
    ),
    steps,
    isOnce: steps.some((step) => step.kind === 'request' && step.isOnce),
    waitFor,
  }
}

/** How the hook signs. */
interface Signing {
  readonly secrets: readonly string[]
  readonly algorithm: SignatureAlgorithm
  readonly dialect: Dialect
}

/** Whether the release stands in the query, as in Deis's. */
export function sendsRelease({ requests, poll }: Target): boolean {
  return requests.some(({ query }) => query === 'release') || poll?.query === 'release'
}

/** Whether requests go unsigned that their receiver expects to be signed. */
export function isUnsigned({ target, signers }: HookTarget): boolean {
  return target.requests.some(({ sign }, index) => sign !== undefined && signers[index] === undefined)
}
