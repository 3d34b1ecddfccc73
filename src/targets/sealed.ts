import { ConfigurationError } from '../errors.ts'
import { masked, showing, shownName } from '../shown-value.ts'
import { split } from '../signing/hook-url.ts'
import type { Made, RequestShape, Target } from './shape.ts'

/**
 * A target is a value that people print, serialise and spread. So what nobody is to see is in none of its properties: `[masked]` stands for
 * each secret and for the query of a URL, and functions for what a request carries. It is in a private field of what this symbol leads to,
 * which a spread target has too.
 */
const seal = Symbol('deploy-hooks.sealed')

type Secrets = Readonly<Record<string, string>>

class Sealed {
  readonly #secrets: Secrets
  /** By what is shown of them. */
  readonly #urls = new Map<string, string>()

  constructor(secrets: Secrets) {
    this.#secrets = secrets
  }

  static of(target: Target): Sealed | undefined {
    const sealed = (target as { readonly [seal]?: unknown })[seal]
    return typeof sealed === 'object' && sealed !== null && #urls in sealed ? sealed : undefined // a deep copy is empty
  }

  secret(name: string): string | undefined {
    return Object.hasOwn(this.#secrets, name) ? this.#secrets[name] : undefined
  }

  url(shown: string): string {
    return this.#urls.get(shown) ?? shown
  }

  /** What is shown of a URL: no query, and no path that is secret, or holds a secret. */
  hide(url: string, secretPath: boolean): string {
    const { base, query } = split(url)
    const path = secretPath ? `${new URL(url).origin}/${masked}` : this.#withoutSecrets(base)
    let shown = query === undefined ? path : `${path}?${masked}`
    while (this.#urls.has(shown) && this.#urls.get(shown) !== url) shown += masked // another one that looks the same
    if (shown !== url) this.#urls.set(shown, url)
    return shown
  }

  #withoutSecrets(text: string): string {
    const secrets = Object.values(this.#secrets).flatMap((secret) => [secret, encodeURIComponent(secret)])
    return secrets.reduce((rest, secret) => rest.replaceAll(secret, masked), text)
  }
}

/** A checked target without what nobody is to see. {@link opened} has it again. */
export function sealed(target: Target): Target {
  const { secrets, url, secretPath = false, requests, poll } = target
  const within = new Sealed({ ...secrets })
  const hidden = <Shape extends RequestShape>(shape: Shape): Shape => ({ ...shape, ...hiding(shape, within) })
  return Object.assign(
    { ...target, requests: requests.map(hidden) },
    secrets === undefined ? undefined : { secrets: masks(secrets) },
    url === undefined ? undefined : { url: within.hide(url, secretPath) },
    poll === undefined ? undefined : { poll: hidden(poll) },
    { [seal]: within },
  )
}

function masks(secrets: Secrets): Secrets {
  return Object.freeze(Object.fromEntries(Object.keys(secrets).map((name) => [name, masked])))
}

function hiding({ base, path, query, headers, body }: RequestShape, within: Sealed): Partial<RequestShape> {
  const isUrl = base !== undefined && base !== 'hook' && base !== 'origin'
  return {
    ...(isUrl ? { base: within.hide(base, false) as typeof base } : undefined),
    ...(path === undefined ? undefined : { path: byFunction(path) }),
    ...(query === undefined || query === 'release' ? undefined : { query: byFunction(query) }),
    ...(headers === undefined ? undefined : { headers: byFunction(headers) }),
    ...(body === undefined ? undefined : { body: byFunction(body) }),
  }
}

/** No value that a function gives is seen by looking at it. */
function byFunction<Value>(given: Made<Value>): Made<Value> {
  return typeof given === 'function' ? given : () => given
}

/**
 * A target, or one that was spread, with all that it holds.
 *
 * @throws {@link ConfigurationError} `secret_invalid`, `hook_url_invalid` for a copy of another kind, which has lost it
 */
export function opened(target: Target, option: string): Target {
  const within = Sealed.of(target)
  const { secrets, url, requests, poll } = target
  const urlOf = (shown: string, of: string): string => {
    const real = within?.url(shown) ?? shown
    if (real.includes(masked)) throw new ConfigurationError('hook_url_invalid', `${option}.${of}`, lost)
    return real
  }
  const openedShape = <Shape extends RequestShape>(shape: Shape, of: string): Shape =>
    shape.base?.includes(masked) === true ? { ...shape, base: urlOf(shape.base, `${of}.base`) } : shape
  return {
    ...target,
    ...(secrets === undefined ? undefined : { secrets: openedSecrets(secrets, within, option) }),
    ...(url === undefined ? undefined : { url: urlOf(url, 'url') }),
    requests: requests.map((request, index) =>
      openedShape(request, `requests[${index}]`),
    ) as unknown as Target['requests'],
    ...(poll === undefined ? undefined : { poll: openedShape(poll, 'poll') }),
  }
}

const lost =
  'Expected what it was made with, got what is shown of it: a copy of a target has no secrets. Spread the target, or make it anew.'

/** Functions of the target get them, and may print what they get. */
function openedSecrets(secrets: Secrets, within: Sealed | undefined, option: string): Secrets {
  const entries = Object.entries(secrets).map(([name, given]) => {
    const secret = given === masked ? (within?.secret(name) ?? given) : given
    if (secret === masked)
      throw new ConfigurationError('secret_invalid', `${option}.secrets.${shownName(name)}`, lost)
    return [name, secret] as const
  })
  return showing(Object.fromEntries(entries), () => masks(secrets))
}
