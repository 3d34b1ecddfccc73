import { ConfigurationError } from '../errors.ts'
import { optionAt } from '../option-problems.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { makesJson } from '../targets/body-kind.ts'
import type { Target, TargetRequest } from '../targets/shape.ts'
import type { RequestSigner } from '../targets/signers.ts'
import { signingKeys } from '../targets/signing-keys.ts'
import type { Hook } from './hook.ts'

/** A hook with what it signs by, which a hook does not keep. */
export interface KeyedHook {
  readonly hook: Hook
  /** Where the hook is, for errors: `hooks[1]`. */
  readonly option: string
  readonly secrets: readonly string[]
  readonly algorithm: SignatureAlgorithm
}

/** What a request signs: of a body that cannot be made beforehand nobody knows yet whether it is JSON. */
type Content = 'url' | 'json' | 'text' | 'unknown' | 'standard-webhooks'

/** By key: what signs by it, the first of the hooks that do, and their targets. */
type Uses = ReadonlyMap<string, ReadonlyMap<Content, Use>>

interface Use {
  readonly option: string
  readonly targets: Set<Target>
}

const inWords: Readonly<Record<Content, string>> = {
  url: 'URLs',
  json: 'JSON',
  text: 'text',
  unknown: 'bodies',
  'standard-webhooks': 'Standard Webhooks',
}

/** What a key that signs the one must not sign as well. */
const apartFrom: Readonly<Record<Content, readonly Content[]>> = {
  url: ['standard-webhooks'],
  json: ['standard-webhooks'],
  text: ['url', 'json', 'standard-webhooks'],
  unknown: ['standard-webhooks'],
  'standard-webhooks': [],
}

/**
 * The hooks, none of which signs what another one's receiver could take for a message of its own scheme.
 *
 * A body of text may be a URL, or JSON, with a release of another app: a summary is a user's to write. JSON cannot begin like a URL, nor can a
 * URL be read as JSON, so bodies that are JSON may be signed by a key that signs URLs. `id.timestamp.body` of Standard Webhooks has
 * an id that a text, or a URL of a host without a dot, may begin with: its keys sign nothing else.
 *
 * @returns for each the hook, or what is wrong: `secret_invalid`
 */
export function withKeysApart(hooks: readonly KeyedHook[]): readonly (Hook | ConfigurationError)[] {
  const uses = usesIn(hooks)
  return hooks.map((keyed) => {
    const { requests } = keyed.hook.target
    try {
      const signers = keyed.hook.signers.map(
        (signer, index) => signer && apart(keyed, requests[index] as TargetRequest, signer, uses),
      )
      return signers.every((signer, index) => signer === keyed.hook.signers[index])
        ? keyed.hook
        : { ...keyed.hook, signers }
    } catch (error) {
      if (error instanceof ConfigurationError) return error
      throw error
    }
  })
}

function usesIn(hooks: readonly KeyedHook[]): Uses {
  const uses = new Map<string, Map<Content, Use>>()
  for (const keyed of hooks) {
    const { target } = keyed.hook
    for (const request of target.requests) {
      const content = contentOf(request, target)
      if (content === undefined) continue
      for (const key of keysOf(keyed, request)) {
        const contents = uses.get(key) ?? new Map<Content, Use>()
        uses.set(key, contents)
        const use = contents.get(content) ?? { option: keyed.option, targets: new Set() }
        contents.set(content, use)
        use.targets.add(target)
      }
    }
  }
  return uses
}

function contentOf(request: TargetRequest, target: Target): Content | undefined {
  if (request.sign !== 'hub-sha256') return request.sign
  const isJson = makesJson(request, target)
  if (isJson === undefined) return 'unknown'
  return isJson ? 'json' : 'text'
}

function keysOf({ secrets, algorithm }: KeyedHook, { sign }: TargetRequest): readonly string[] {
  return sign === undefined ? [] : signingKeys(sign, secrets, algorithm)
}

/** The signer of a request, or what signs as it does and refuses what it must not sign. */
function apart(keyed: KeyedHook, request: TargetRequest, signer: RequestSigner, uses: Uses): RequestSigner {
  const content = contentOf(request, keyed.hook.target)
  if (content === undefined) return signer
  const keys = keysOf(keyed, request)
  const useOf = (other: Content): Use | undefined =>
    keys.map((key) => uses.get(key)?.get(other)).find((use) => use !== undefined)
  for (const other of apartFrom[content]) {
    const use = useOf(other)
    if (use !== undefined) throw shared(keyed.option, other, use.option)
  }
  if (content !== 'unknown') return signer
  if (useOf('text') !== undefined) return only(signer, false)
  const isAlone =
    useOf('url') === undefined && useOf('json') === undefined && useOf('unknown')?.targets.size === 1
  return isAlone ? signer : only(signer, true)
}

function only(signer: RequestSigner, json: boolean): RequestSigner {
  return (request) => {
    if (request.isJson === json || request.body === '') return signer(request)
    throw new TypeError(
      json
        ? 'Expected a JSON body, since its secret also signs URLs or other bodies: give the hook one of its own'
        : 'Expected no JSON body, since its secret also signs text: give the hook one of its own',
    )
  }
}

function shared(option: string, content: Content, ofWhich: string): ConfigurationError {
  const isOwn = ofWhich === option
  const whose = isOwn ? 'another request of it' : ofWhich
  const remedy = isOwn ? 'sign both alike, or make them two hooks' : 'give it a `secret` of its own'
  const message = `Expected a secret that signs nothing else, got that by which ${whose} signs ${inWords[content]}: ${remedy}, or what is signed for one receiver could be valid at the other.`
  return new ConfigurationError('secret_invalid', optionAt(['secret'], option), message)
}
