import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRelease, ReleaseError, releaseUrl, type ReleaseInput } from '../src/index.ts'
import { runs } from './runs.ts'

const minimal = { app: 'secure-woodland', version: 4, user: 'gabrtv' }

describe('a release', () => {
  it('is completed as Deis completes it', () => {
    expect(parseRelease({ ...minimal, sha: '35b3726c0ffee' })).toEqual({
      app: 'secure-woodland',
      version: 'v4',
      user: 'gabrtv',
      sha: '35b3726c0ffee',
      summary: 'gabrtv deployed 35b3726',
    })
  })

  it.each([
    [{ version: 1 }, 'gabrtv created initial release'],
    [{ version: 1, sha: '35b3726' }, 'gabrtv deployed 35b3726'],
    [{ version: 4 }, 'gabrtv deployed v4'],
    [{ version: '2026.11' }, 'gabrtv deployed 2026.11'],
    [{ version: 4, summary: 'gabrtv rolled back to v2' }, 'gabrtv rolled back to v2'],
    [{ version: 4, summary: '' }, ''],
  ])('%j has the summary %j', (facts, summary) => {
    expect(parseRelease({ ...minimal, ...facts }).summary).toBe(summary)
  })

  it('keeps a version that is a string', () => {
    expect(parseRelease({ ...minimal, version: '4' }).version).toBe('4')
  })

  it('takes null for an absent fact, and an empty sha for none', () => {
    const facts = { sha: '', summary: null, environment: null, previous: null, at: null, meta: null }
    expect(parseRelease({ ...minimal, ...facts })).toEqual({
      ...minimal,
      version: 'v4',
      summary: 'gabrtv deployed v4',
    })
  })

  it('keeps the optional facts', () => {
    const facts = {
      environment: 'production',
      previous: 3,
      url: 'https://app.example.com',
      logUrl: 'https://logs.example.com/4',
      diffUrl: 'https://git.example.com/compare/a...b',
      at: new Date('2026-11-21T09:00:00+01:00'),
      meta: { region: 'eu', replicas: 3, canary: false, note: null },
    }
    expect(parseRelease({ ...minimal, ...facts })).toMatchObject({
      ...facts,
      previous: 'v3',
      at: '2026-11-21T08:00:00.000Z',
    })
  })

  it('stays the same when it is parsed again', () => {
    const user = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 2000 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'))
    fc.assert(
      fc.property(
        user,
        fc.option(fc.stringMatching(/^[0-9a-f]{0,40}$/u), { nil: undefined }),
        (name, sha) => {
          const release = parseRelease({ ...minimal, user: name, sha })
          expect(parseRelease(release)).toEqual(release)
        },
      ),
    )
  })

  it('whose made summary would be too long is cut between characters', () => {
    const { summary } = parseRelease({ ...minimal, user: '🚀'.repeat(1000), sha: '35b3726' })
    expect(summary.length).toBeLessThanOrEqual(2000)
    expect(summary.isWellFormed()).toBe(true)
    expect(summary.endsWith(' deployed 35b3726')).toBe(true)
  })

  it('whose commit is no hash has a made summary that is well-formed, and can be parsed again', () => {
    const made = parseRelease({ ...minimal, sha: '🚀🚀🚀🚀' })
    expect(made.summary).toBe('gabrtv deployed 🚀🚀🚀\u{FFFD}')
    expect(parseRelease(made)).toEqual(made)
  })
})

describe('a release that is a plain object', () => {
  /** What becomes of it, to the letter and in its order; or what it is refused with. */
  const outcome = (input: object): unknown => {
    try {
      return JSON.stringify(parseRelease(input as ReleaseInput))
    } catch (error) {
      const { code, field, message } = error as ReleaseError
      return { code, field, message }
    }
  }
  const asAnother = (input: object): object =>
    Object.create({}, Object.getOwnPropertyDescriptors(input)) as object

  const texts = [
    '',
    'web',
    'a\0b',
    'lone \uD83D',
    '🚀',
    'a'.repeat(2000),
    'a'.repeat(2001),
    'failed',
    'Failed',
  ]
  const urls = [
    'https://a.example/?b',
    'HTTP://A.example',
    'ftp://a.example',
    'http://',
    'https://a.example/\0',
  ]
  const numbers = [0, 1, -1, 1.5, 2 ** 53, Number.NaN, Infinity]
  const times = [new Date(0), new Date(Number.NaN), '2026-11-21T09:00:00+01:00']
  const values = [...texts, ...urls, ...numbers, ...times, undefined, null, true, {}, { note: 'a' }, []]
  const optional = [
    'sha',
    'summary',
    'stage',
    'tenant',
    'environment',
    'deployment',
    'previous',
    'url',
    'logUrl',
    'diffUrl',
    'at',
    'meta',
  ]

  it.each([...Object.keys(minimal), ...optional, 'verison', 'toString', '__proto__'])(
    'has its %s read as that of any other object',
    (name) => {
      for (const value of values) {
        const input = Object.defineProperty({ ...minimal }, name, { value, enumerable: true })
        expect(outcome(input)).toEqual(outcome(asAnother(input)))
      }
    },
  )

  it('has its facts in the order of any other, whatever their own is', () => {
    const facts = ['v3', 'web', 'failed', 'https://a.example', new Date(0), { region: 'eu' }]
    const all = Object.fromEntries(
      optional.map((name) => [
        name,
        facts.find((fact) => typeof outcome({ ...minimal, [name]: fact }) === 'string'),
      ]),
    )
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.entries({ ...minimal, ...all }), { minLength: 14 }),
        (entries) => {
          const input = Object.fromEntries(entries)
          expect(outcome(input)).toEqual(outcome(asAnother(input)))
        },
      ),
    )
  })

  it('is read once', () => {
    let reads = 0
    const input = {
      ...minimal,
      get user() {
        reads += 1
        return reads === 1 ? 'gabrtv' : '\0'
      },
    }
    expect(parseRelease(input).user).toBe('gabrtv')
  })
})

describe('a summary', () => {
  it('may be any text: what cannot be kept of it is replaced, and what is too long is cut', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('\uD83D', '\uDC00', '\0', '日', '🚀', 'words '),
    )
    const text = fc
      .tuple(fc.array(unit, { maxLength: 30 }), fc.constantFrom(1, 1, 1, 400, 4000))
      .map(([units, times]) => units.join('').repeat(times))
    fc.assert(
      fc.property(text, (given) => {
        const made = parseRelease({ ...minimal, summary: given })
        expect(made.summary.isWellFormed()).toBe(true)
        expect(made.summary).not.toContain('\0')
        expect(Buffer.byteLength(made.summary)).toBeLessThanOrEqual(64 * 1024)
        expect(parseRelease(made)).toEqual(made)
        const whole = given.toWellFormed().replaceAll('\0', '\u{FFFD}')
        const isWhole = Buffer.byteLength(whole) <= 64 * 1024
        if (isWhole) expect(made.summary).toBe(whole)
        else expect(made.summary.endsWith('…') && whole.startsWith(made.summary.slice(0, -1))).toBe(true)
      }),
    )
  })

  it.each([
    ['of 65,536 letters is whole', 65_536, 's'.repeat(65_536)],
    ['of one more is cut', 65_537, `${'s'.repeat(65_533)}…`],
    ['of a million is cut as well', 1_000_000, `${'s'.repeat(65_533)}…`],
  ])('%s', (_, length, kept) => {
    expect(parseRelease({ ...minimal, summary: 's'.repeat(length) }).summary).toBe(kept)
  })
})

describe('a release is refused with the name of the field', () => {
  it.each([
    ['app', { app: '' }, /one or more characters, got an empty string/u],
    ['app', { app: undefined }, /Expected a string, got none: give one/u],
    ['app', { app: 'a\0b' }, /NUL/u],
    ['app', { app: 'a'.repeat(2001) }, /at most 2000 characters, got 2001/u],
    ['user', { user: '' }, /one or more characters/u],
    ['user', { user: 'lone \uD83D' }, /unpaired surrogate/u],
    ['version', { version: 0 }, /positive integer/u],
    ['version', { version: -1 }, /positive integer/u],
    ['version', { version: 1.5 }, /positive integer/u],
    ['version', { version: '' }, /one or more characters/u],
    ['version', { version: true }, /positive integer, or a string of 1 to 2000/u],
    ['version', { version: Number.NaN }, /positive integer/u],
    ['version', { version: 'v\0' }, /./u],
    ['sha', { sha: '\0' }, /NUL/u],
    ['sha', { sha: 7 }, /Expected a string, got the number 7/u],
    ['summary', { summary: 4 }, /Expected a string, got/u],
    ['url', { url: 'javascript:alert(1)' }, /http or https/u],
    ['logUrl', { logUrl: 'nonsense' }, /http or https/u],
    ['at', { at: 'yesterday' }, /ISO 8601/u],
    ['at', { at: new Date(Number.NaN) }, /./u],
    ['meta.nested', { meta: { nested: {} } }, /./u],
    ['verison', { verison: 'v4' }, /did you mean `version`\?/u],
    ['color', { color: 'red' }, /facts of your own into `meta`/u],
  ])('%s: %j', (field, facts, message) => {
    const input = { ...minimal, ...facts } as unknown as ReleaseInput
    expect(() => parseRelease(input)).toThrow(ReleaseError)
    expect(() => parseRelease(input)).toThrow(expect.objectContaining({ code: 'release_invalid', field }))
    expect(() => parseRelease(input)).toThrow(message)
  })

  it('has a URL that is http or https to whoever follows it, or is refused', () => {
    const text = fc.oneof(
      fc.webUrl({ validSchemes: ['http', 'https', 'ftp', 'javascript'] }),
      fc.string({
        unit: fc.constantFrom('http', 'https', 'javascript', ':', '/', '@', '\t', '\n', ' ', 'a.b', '%'),
      }),
    )
    fc.assert(
      fc.property(text, fc.constantFrom('url', 'logUrl', 'diffUrl'), (url, fact) => {
        try {
          const release = parseRelease({ ...minimal, [fact]: url })
          expect(new URL(release[fact] ?? '').protocol).toMatch(/^https?:$/u)
        } catch (error) {
          expect(error).toMatchObject({ code: 'release_invalid', field: fact })
        }
      }),
      runs(400),
    )
  })

  it.each([undefined, null, 'web', 7, []])('%j is no release at all', (input) => {
    expect(() => parseRelease(input as unknown as ReleaseInput)).toThrow(ReleaseError)
    expect(() => parseRelease(input as unknown as ReleaseInput)).toThrow(/^release: Expected an object/u)
  })
})

describe('releaseUrl', () => {
  it('completes the release before it writes the URL', () => {
    expect(releaseUrl('http://deis.rocks', { ...minimal, sha: '35b3726' })).toBe(
      'http://deis.rocks/?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv',
    )
  })
})
