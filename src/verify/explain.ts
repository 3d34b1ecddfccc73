import { createSigner, digestLength, signatureAlgorithms, type SignatureAlgorithm } from '../signing/hmac.ts'
import type { HookUrl } from '../signing/hook-url.ts'
import { rawName, rawPairs } from '../signing/query.ts'
import { checkedSecrets, type Secrets } from '../signing/secret.ts'
import { baseVariants, queryVariants, secretVariants, type NearMiss, type Variant } from './near-misses.ts'
import { readRequest, type ReadRequest, type RequestLike } from './request.ts'
import type { VerifyResult } from './verifier.ts'

export interface ExplainOptions {
  /** Further secrets to try, such as the one before the last rotation. They are accepted by nothing but this explanation. */
  readonly secrets?: Secrets | undefined
}

/** Why a request does not verify, in words, without a secret or a signature in them. */
export interface Explanation {
  readonly ok: boolean
  /** The verdict of `verify()`; absent when it verifies. */
  readonly code?: string
  /** What differs from a signature that verifies at once; empty when nothing near was found. */
  readonly nearMisses: readonly NearMiss[]
  /** All of it as text for people, one thought a line. */
  readonly message: string
}

interface Settings {
  readonly urls: readonly HookUrl[]
  readonly secrets: readonly string[]
  readonly algorithm: SignatureAlgorithm
}

/** What `verify()` found, and the smallest set of differences that would have made it verify. */
export function explainRequest(
  request: RequestLike,
  result: VerifyResult,
  settings: Settings,
  options: ExplainOptions,
): Explanation {
  if (result.ok) return explained(undefined, formMisses(result.hook.matched), 'The request verifies.')
  const read = attempt(() => readRequest(request))
  if (read === undefined) return explained(result.code, [], unreadable)
  const nearMisses = headerMisses(read.authorization) ?? search(read, settings, options) ?? []
  return explained(
    result.code,
    nearMisses,
    `The request does not verify: ${result.code}.`,
    compared(read, settings),
  )
}

const unreadable =
  'The request cannot be read: expected a `url` string and `headers`, and a URL of bounded length.'

function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch {
    return undefined // readRequest() throws nothing but its own verdicts, and `result` holds that verdict
  }
}

/** A request that verifies may still have been changed on its way: worth knowing before the next change breaks it. */
function formMisses({ secret, form }: { secret: number; form: string }): readonly NearMiss[] {
  const misses: NearMiss[] = []
  if (form.endsWith('-sorted')) misses.push('parameters-reordered')
  if (form.endsWith('-tilde')) misses.push('tilde')
  if (form.startsWith('configured')) misses.push('signed-as-typed')
  if (secret > 0) misses.push('older-secret')
  return misses
}

/** What can be told from the header alone. */
function headerMisses(authorization: readonly string[]): readonly NearMiss[] | undefined {
  const [value, ...more] = authorization
  if (value === undefined) return ['unsigned']
  if (more.length > 0 || value.includes(',')) return ['repeated-header']
  if (/^basic\b/iu.test(value)) return ['basic-credentials']
  return undefined
}

/** A bare signature, however it was dressed up. */
function bareSignature(value: string): { readonly digest: string; readonly misses: readonly NearMiss[] } {
  const digest = value.replace(/^(?:[a-z][a-z0-9-]*[ =:]\s*)/iu, '').trim()
  const lower = digest.toLowerCase()
  return {
    digest: lower,
    misses: [
      ...(digest === value ? [] : (['signature-prefix'] as const)),
      ...(lower === digest ? [] : (['upper-case-signature'] as const)),
    ],
  }
}

function search(
  read: ReadRequest,
  settings: Settings,
  options: ExplainOptions,
): readonly NearMiss[] | undefined {
  if (read.query === undefined || read.query === '') return ['query-missing']
  const { digest, misses } = bareSignature(read.authorization[0] ?? '')
  const algorithm = signatureAlgorithms.find((name) => digestLength[name] === digest.length)
  if (algorithm === undefined || !/^[0-9a-f]+$/u.test(digest)) return ['not-a-signature']
  const found = firstMatch(digest, algorithm, read, settings, options)
  const wrongAlgorithm = algorithm === settings.algorithm ? [] : (['wrong-algorithm'] as const)
  if (found === undefined) return [...misses, ...wrongAlgorithm]
  return [...new Set([...misses, ...wrongAlgorithm, ...found])]
}

/** Tries combinations in the order of how much each differs, so that the smallest explanation is found first. */
function firstMatch(
  digest: string,
  algorithm: SignatureAlgorithm,
  read: ReadRequest,
  { urls, secrets }: Settings,
  options: ExplainOptions,
): readonly NearMiss[] | undefined {
  const further = options.secrets === undefined ? [] : checkedSecrets(options.secrets)
  const keys = secretVariants(secrets, further).map(({ text, misses }) => ({
    sign: createSigner(text, algorithm),
    misses,
  }))
  const bases = uniqueVariants(urls.flatMap((url) => baseVariants(url, read)))
  const queries = queryVariants(read.query ?? '', urls)
  const trials = bases.flatMap((base) =>
    queries.map((query) => ({
      message: `${base.text}?${query.text}`,
      misses: [...base.misses, ...query.misses],
    })),
  )
  for (const { message, misses } of trials.toSorted(
    (left, right) => left.misses.length - right.misses.length,
  )) {
    for (const key of keys) {
      if (key.sign(message) === digest) return [...misses, ...key.misses]
    }
  }
  return undefined
}

function uniqueVariants(variants: readonly Variant[]): readonly Variant[] {
  const byText = new Map<string, Variant>()
  for (const variant of variants) {
    const known = byText.get(variant.text)
    if (known === undefined || variant.misses.length < known.misses.length) byText.set(variant.text, variant)
  }
  return [...byText.values()]
}

/** What was compared, without values: they hold tokens. */
function compared(read: ReadRequest, { urls, algorithm }: Settings): string {
  const names = rawPairs(read.query ?? '').map((pair) => rawName(pair))
  const bases = urls.map(({ typed }) => `  ${typed.base}?${names.map((name) => `${name}=…`).join('&')}`)
  return ['Compared with:', ...bases, `under ${algorithm}; the request came for ${read.base}`].join('\n')
}

function explained(
  code: string | undefined,
  nearMisses: readonly NearMiss[],
  ...lines: readonly string[]
): Explanation {
  const [first = '', ...rest] = lines
  const reasons =
    nearMisses.length === 0 && code !== undefined
      ? [nothingNear]
      : nearMisses.map((miss) => `- ${miss}: ${advice[miss]}`)
  const message = [first, ...reasons, ...rest].join('\n')
  return { ok: code === undefined, ...(code === undefined ? {} : { code }), nearMisses, message }
}

const nothingNear =
  '- No near miss matches either: most likely the secrets differ, or the URL given here is not the one configured at the sender.'

/** What each near miss means, and what to do. */
const advice: Readonly<Record<NearMiss, string>> = {
  unsigned:
    'There is no Authorization header. The sender has no secret for this hook, or something between dropped the header.',
  'basic-credentials':
    'Authorization holds Basic credentials instead of the signature. The URL at the sender has user:password@ in it, or a proxy adds credentials.',
  'repeated-header':
    'There are several Authorization values. Something between added one: exactly one may arrive.',
  'not-a-signature': 'The Authorization value is not 40 (sha1) or 64 (sha256) hexadecimal digits.',
  'signature-prefix': 'The signature has a scheme or prefix before it. It is to be the bare value.',
  'upper-case-signature': 'The signature is in upper case. It is to be in lower case.',
  'query-missing':
    'The request has no query, which carries the release. A proxy or router dropped it, or this is not a deploy hook.',
  'wrong-algorithm':
    'The signature has the length of the other algorithm. Give the verifier the algorithm of the sender.',
  'trailing-slash':
    'The sender has the URL with a slash at the end and the verifier without, or the other way round.',
  scheme:
    'The sender signed http and the verifier has https, or the other way round: often a proxy that ends TLS. Give the URL as configured at the sender.',
  port: 'The port differs: one side names a port and the other does not, or another one.',
  'host-case':
    'The sender signed the host in other letters: upper case instead of lower case, or the other way round.',
  host: 'The sender signed the host that stands in the request’s Host header, not the one given here.',
  'path-prefix':
    'A part of the path differs: a router or proxy strips or adds a prefix. Give the URL as configured at the sender.',
  path: 'The sender signed the path of this request, not the one given here.',
  tilde: 'The sender signed ~ as %7E, as Python before 3.7 does.',
  'plus-space': 'One side writes a space as + and the other as %20. The signed form is +.',
  'escape-case': 'Percent escapes were signed in the other case (%2f instead of %2F).',
  'parameters-reordered':
    'The parameters were re-ordered: by the sender before signing, or by something on the way.',
  'second-question-mark':
    'The hook URL has a query of its own, and one side appends the release with a second ?, as Deis does.',
  'own-parameters': 'The parameters of the hook URL itself differ: they are missing on one side.',
  'signed-as-typed':
    'The sender signed the URL as typed (dialect deis), which differs from what goes over the wire.',
  'older-secret':
    'It is signed with an older secret, not the first one. The sender has not been rotated yet.',
  'other-secret':
    'It is signed with one of the secrets given to explain(), which the verifier does not accept.',
  'secret-blanks': 'The secret has blanks or a line break around it on one side. Secrets are never trimmed.',
  'secret-quotes': 'The secret has quotation marks around it on one side.',
}
