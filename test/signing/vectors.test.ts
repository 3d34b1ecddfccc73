import { describe, expect, it, test } from 'vitest'
import { ConfigurationError, releaseUrl, signUrl } from '../../src/index.ts'
import { createVerifier } from '../../src/verify/index.ts'
import { rawVectors, refusedConfigurations, otherReleases, releaseOf, vectors } from '../vectors/vectors.ts'

const algorithms = ['sha1', 'sha256'] as const
const sendable = vectors.filter(({ name }) => !(name in refusedConfigurations))
const releasable = sendable.filter(({ name }) => !otherReleases.includes(name))

function codeOf(action: () => unknown): string | undefined {
  try {
    action()
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
  return undefined
}

/** What arrives at the receiver: the request target as an HTTP client sends it. */
function target(url: string): string {
  const { pathname, search } = new URL(url)
  return `${pathname}${search}`
}

test('all known answers are here: 45 vectors and 2 raw strings', () => {
  expect(vectors).toHaveLength(45)
  expect(rawVectors).toHaveLength(2)
  expect(sendable).toHaveLength(41)
  expect(releasable).toHaveLength(39)
})

describe('in the deis dialect', () => {
  it.each(releasable)('$name: the URL is the one that Deis signs', (vector) => {
    expect(releaseUrl(vector.base_url, releaseOf(vector), { dialect: 'deis' })).toBe(vector.url)
  })

  describe.each(algorithms)('%s', (algorithm) => {
    it.each(sendable)('$name: the signature is the known one', (vector) => {
      expect(signUrl(vector.url, { secret: vector.secret, algorithm })).toBe(vector[algorithm])
    })
  })
})

describe('in the native dialect', () => {
  // A query of its own is merged and sorted here, where Deis appends a second question mark.
  const plain = releasable.filter(({ base_url }) => !base_url.includes('?'))

  it.each(plain)('$name: the URL is the one that goes over the wire', (vector) => {
    expect(releaseUrl(vector.base_url, releaseOf(vector))).toBe(new URL(vector.url).href)
  })

  it('merges and sorts the parameters of the hook URL', () => {
    const [vector] = vectors.filter(({ name }) => name.startsWith('existing-query (')) as [
      (typeof vectors)[0],
    ]
    expect(releaseUrl(vector.base_url, releaseOf(vector))).toBe(
      'https://hooks.example.com/deploy?app=secure-woodland&release=v4' +
        '&release_summary=gabrtv+deployed+35b3726&sha=35b3726&token=abc&user=gabrtv',
    )
  })
})

function named(name: string): (typeof vectors)[number] {
  const vector = vectors.find((each) => each.name === name)
  if (vector === undefined) throw new Error(`Expected a vector ${name}`)
  return vector
}

describe('what cannot be sent unchanged', () => {
  const refused = vectors.filter(({ name }) => name in refusedConfigurations)

  it.each(refused)('$name: is refused with its code by signer and verifier', (vector) => {
    const code = refusedConfigurations[vector.name]
    const { secret, url, base_url } = vector
    if (code === 'secret_invalid') expect(codeOf(() => signUrl(url, { secret }))).toBe(code)
    else expect(codeOf(() => releaseUrl(base_url, releaseOf(vector)))).toBe(code)
    expect(codeOf(() => createVerifier({ url: base_url, secret }))).toBe(code)
    expect(() => createVerifier({ url: base_url, secret })).toThrow(ConfigurationError)
  })

  it('all-empty: is no release', () => {
    const vector = named('all-empty')
    expect(codeOf(() => releaseUrl(vector.base_url, releaseOf(vector)))).toBe('release_invalid')
  })

  it('control-characters: has a NUL in its summary, which is replaced', () => {
    const vector = named('control-characters')
    const url = releaseUrl(vector.base_url, releaseOf(vector))
    expect(url).toBe(vector.url.replace('%00', '%EF%BF%BD'))
    expect(url).not.toBe(vector.url)
  })
})

describe.each(algorithms)('verified with %s', (algorithm) => {
  it.each(sendable)('$name: the delivery of a Deis controller verifies and reads back', (vector) => {
    const verifier = createVerifier({ url: vector.base_url, secret: vector.secret, algorithm })
    const request = { method: 'POST', url: target(vector.url), headers: { authorization: vector[algorithm] } }
    expect(verifier.verify(request).release).toEqual(releaseOf(vector))
    const other = algorithm === 'sha1' ? 'sha256' : 'sha1'
    expect(verifier.safeVerify({ ...request, headers: { authorization: vector[other] } })).toEqual({
      ok: false,
      code: 'signature_mismatch',
      status: 401,
    })
  })

  const legacy = sendable.filter(({ legacy_url }) => legacy_url !== undefined)

  it.each(legacy)('$name: signed by Python before 3.7, sent with ~ or with %7E', (vector) => {
    const verifier = createVerifier({ url: vector.base_url, secret: vector.secret, algorithm })
    const authorization = vector[`legacy_${algorithm}`]
    // requests turns %7E into ~ after the URL was signed
    const normalised = verifier.verify({ url: target(vector.url), headers: { authorization } })
    expect(normalised.matched.form).toBe('wire-tilde')
    expect(normalised.release).toEqual(releaseOf(vector))
    const untouched = verifier.verify({ url: target(vector.legacy_url ?? ''), headers: { authorization } })
    expect(untouched.matched.form).toBe('wire')
    expect(untouched.release).toEqual(releaseOf(vector))
  })

  it.each(rawVectors)('$name: a hand-written string signs and verifies as it stands', (vector) => {
    expect(signUrl(vector.url, { secret: vector.secret, algorithm })).toBe(vector[algorithm])
    const [url = ''] = vector.url.split('?')
    const verifier = createVerifier({ url, secret: vector.secret, algorithm })
    const hook = verifier.verify({ url: target(vector.url), headers: { authorization: vector[algorithm] } })
    expect(hook.matched.form).toBe('configured')
    // %35 in the documented example is an encoded 5, so the blank that was meant is missing
    expect(hook.release.summary).toBe('gabrtv deployed5b3726')
  })
})
