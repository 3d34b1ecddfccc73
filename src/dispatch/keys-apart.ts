import { ConfigurationError } from '../errors.ts'
import type { SignatureAlgorithm } from '../signing/hmac.ts'
import { makesJson } from '../targets/body-kind.ts'
import type { TargetRequest } from '../targets/shape.ts'
import type { RequestSigner, SignerName } from '../targets/signers.ts'
import { signingKeys } from '../targets/signing-keys.ts'
import type { Hook } from './hook.ts'

/** A hook with what it signs by, which a hook does not keep. */
export interface KeyedHook {
  readonly hook: Hook
  /** Of the hook, for errors: `hooks[1]`. */
  readonly option: string
  readonly secrets: readonly string[]
  readonly algorithm: SignatureAlgorithm
}

/** By key: the first hook that signs by it, under each scheme. */
type Uses = ReadonlyMap<string, ReadonlyMap<SignerName, string>>

const whatIsSigned: Readonly<Record<SignerName, string>> = {
  url: 'URLs',
  'hub-sha256': 'bodies',
  'standard-webhooks': 'Standard Webhooks',
}

/**
 * The hooks, none of which signs what another one's receiver could take for a message of its own scheme.
 *
 * A body of text may be a URL with a release of another app: a summary is a user's to write. JSON cannot begin like a URL, nor can a
 * URL be read as JSON, so bodies that are JSON may be signed by a key that signs URLs. `id.timestamp.body` of Standard Webhooks has
 * an id that a text, or a URL of a host without a dot, may begin with: its keys sign nothing else.
 *
 * @throws {@link ConfigurationError} `secret_invalid`
 */
export function withKeysApart(hooks: readonly KeyedHook[]): readonly Hook[] {
  const uses = usesIn(hooks)
  return hooks.map((keyed) => {
    const signers = keyed.hook.signers.map((signer, index) => signer && apart(keyed, index, signer, uses))
    return { ...keyed.hook, signers }
  })
}

function usesIn(hooks: readonly KeyedHook[]): Uses {
  const uses = new Map<string, Map<SignerName, string>>()
  for (const keyed of hooks) {
    for (const { sign } of keyed.hook.target.requests) {
      for (const key of keysOf(keyed, sign)) {
        const schemes = uses.get(key) ?? new Map<SignerName, string>()
        uses.set(key, schemes)
        if (sign !== undefined && !schemes.has(sign)) schemes.set(sign, keyed.option)
      }
    }
  }
  return uses
}

function keysOf({ secrets, algorithm }: KeyedHook, sign: SignerName | undefined): readonly string[] {
  return sign === undefined ? [] : signingKeys(sign, secrets, algorithm)
}

/** The signer of a request, or what signs as it does and refuses what it must not sign. */
function apart(keyed: KeyedHook, index: number, signer: RequestSigner, uses: Uses): RequestSigner {
  const { hook, option } = keyed
  const request = hook.target.requests[index] as TargetRequest
  const keys = keysOf(keyed, request.sign)
  const signing = (scheme: SignerName): string | undefined =>
    keys.map((key) => uses.get(key)?.get(scheme)).find((other) => other !== undefined)
  if (request.sign === 'standard-webhooks') {
    const other = signing('hub-sha256') ?? signing('url')
    if (other !== undefined) throw shared(other, 'standard-webhooks', option)
  }
  const ofUrls = request.sign === 'hub-sha256' ? signing('url') : undefined
  if (ofUrls === undefined) return signer
  if (makesJson(request, hook.target) === false) throw shared(option, 'url', ofUrls)
  return onlyJson(signer)
}

function onlyJson(signer: RequestSigner): RequestSigner {
  return (request) => {
    if (request.isJson || request.body === '') return signer(request)
    throw new TypeError(
      'Expected a JSON body, since its secret also signs URLs: give the hook one of its own',
    )
  }
}

function shared(option: string, scheme: SignerName, ofWhich: string): ConfigurationError {
  const isOwn = ofWhich === option
  const whose = isOwn ? 'another request of it' : ofWhich
  const remedy = isOwn ? 'Sign both alike, or make them two hooks' : 'Give it a `secret` of its own'
  const message = `Expected a secret that signs nothing else, got that by which ${whose} signs ${whatIsSigned[scheme]}: what is signed for one receiver could be valid at the other. ${remedy}.`
  return new ConfigurationError('secret_invalid', `${option}.secret`, message)
}
