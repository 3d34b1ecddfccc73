import { releaseUrl, signUrl } from 'deploy-hooks'
import type { ExplainOptions, RequestLike, VerifierOptions } from 'deploy-hooks/verify'
import type { Chance } from '../../../src/testing/store/chance.ts'
import { oddValue, perhapsOdd } from './odd-values.ts'
import { lengthUpTo, oddText, type Made } from './text.ts'

/** All that one explanation of a verifier is given. */
export interface Explained<Options, Request> {
  readonly options: Options
  readonly request: Request
  readonly further: ExplainOptions
}

const secret = 'a secret of the usual length, of 43 characters'
const five = 'app=web&release=v4&release_summary=gabrtv+deployed%20it~&sha=35b3726&user=gabrtv'
const longestUrl = 139_900
const longestOwn = 3000

/** A verifier that may have many URLs and secrets, and a request that nothing near makes verify, as a rule. */
export function randomDelivery(chance: Chance): Made<Explained<VerifierOptions, RequestLike>> {
  const options = randomOptions(chance)
  const request = randomRequest(options.value.url, chance)
  const further = furtherSecrets(chance)
  return {
    value: { options: options.value, request: request.value, further: further.value },
    like: [options.like, request.like, further.like].join('; '),
  }
}

type Config = VerifierOptions & { readonly url: readonly string[] }

function randomOptions(chance: Chance): Made<Config> {
  const count = lengthUpTo(1000, chance)
  const own = chance.percent(50) ? { value: '', like: 'none' } : ownQuery(chance)
  const path = '/api/hooks'.repeat(chance.between(1, 10))
  const url = Array.from(
    { length: count },
    (_, index) => `https://Internal-${index % 100}.example:8443${path}/${index}${own.value}`,
  )
  const secrets = lengthUpTo(1000, chance)
  const all = Array.from({ length: secrets }, (_, index) => `${secret} ${index}`)
  const allowedHosts = chance.percent(20) ? ['a.example', 'b.example'] : []
  return {
    value: { url, secret: all, algorithm: chance.pick(['sha1', 'sha256'] as const), allowedHosts },
    like: `${count} URLs with queries of ${own.like}, ${secrets} secrets`,
  }
}

/** Of a URL, in as many parameters as there is room for, or in a few long ones. */
function ownQuery(chance: Chance): Made<string> {
  const pair = chance.pick(['a=1', 'token={}~', 'é=部', `x=${'y'.repeat(500)}`])
  const count = Math.ceil(lengthUpTo(longestOwn, chance) / pair.length)
  const query = Array.from({ length: count }, (_, index) => `${pair}${index}`)
    .join('&')
    .slice(0, longestOwn)
  return { value: `?${query}`, like: `${count} times ${pair.slice(0, 10)}` }
}

function randomRequest(urls: readonly string[], chance: Chance): Made<RequestLike> {
  const { value, like } = chance.percent(15) ? nearMiss(chance.pick(urls), chance) : oddRequest(chance)
  const headers = perhapsOdd({ value: { ...value.headers, ...proxied(chance) }, like }, 5, chance)
  const request = { value: { method: 'POST', ...value, headers: headers.value }, like: headers.like }
  return perhapsOdd(request, 5, chance)
}

interface Signed {
  readonly url: string
  readonly headers: { readonly host: string; readonly authorization: string }
}

function oddRequest(chance: Chance): Made<Signed> {
  const query = chance.percent(10) ? { value: '', like: 'nothing' } : oddText(longestUrl, chance)
  const path = chance.percent(80) ? { value: '/api/hooks/0', like: 'usual' } : oddText(20_000, chance)
  const all = [`${query.value}&${five}`, `${five}&${query.value}`, `${query.value}?${five}`, query.value]
  return {
    value: {
      url: `${path.value}?${chance.pick(all)}`.slice(-longestUrl),
      headers: { host: 'a.example', authorization: signature(chance) },
    },
    like: `query of ${query.like}, path: ${path.like}`,
  }
}

/** Signed, with a change or two that a proxy or a careless copy makes. */
function nearMiss(configured: string, chance: Chance): Made<Signed> {
  const at = chance.pick([configured, configured.replace('https:', 'http:'), configured.toLowerCase()])
  const key = chance.pick([`${secret} 0`, `${secret} 0\n`, `"${secret} 1"`, 'another one, that nobody has'])
  const summary = 'deployed again, ~'.repeat(chance.between(1, 100))
  const signed = releaseUrl(at, { app: 'web', version: 4, user: 'ci', summary })
  const { pathname, search, host } = new URL(signed)
  return {
    value: {
      url: pathname + chance.pick([search, search.replaceAll('+', '%20'), search.replaceAll('%', '%25')]),
      headers: { host, authorization: signUrl(signed, { secret: key }) },
    },
    like: 'a near miss, or nearly one',
  }
}

function signature(chance: Chance): string {
  const digest = Array.from({ length: chance.pick([40, 64]) }, () => chance.below(16).toString(16)).join('')
  return chance.percent(80)
    ? digest
    : chance.pick([digest.toUpperCase(), `sha256=${digest}`, `Bearer ${digest}`, ''])
}

/** What proxies add, of any length. */
function proxied(chance: Chance): Readonly<Record<string, string>> {
  if (!chance.percent(30)) return {}
  return {
    'x-forwarded-host': oddText(5000, chance).value,
    'x-forwarded-prefix': `/${oddText(5000, chance).value}`,
    'x-filler': 'x'.repeat(lengthUpTo(1_000_000, chance)),
  }
}

export function furtherSecrets(chance: Chance): Made<ExplainOptions> {
  if (chance.percent(10)) {
    const { value, like } = oddValue(chance)
    return { value: { secrets: value as string }, like }
  }
  if (!chance.percent(40)) return { value: {}, like: 'no further secrets' }
  const count = lengthUpTo(1000, chance)
  const length = lengthUpTo(count > 20 ? 1000 : 1_000_000, chance)
  const secrets = Array.from({ length: count }, (_, index) => String(index).padStart(length, 's'))
  return { value: { secrets }, like: `${count} further secrets of ${length} characters` }
}
