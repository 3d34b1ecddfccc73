import fc from 'fast-check'
import type { ReleaseInput } from '../../src/index.ts'
import { release } from '../arbitraries.ts'

const long = fc
  .tuple(
    fc.constantFrom('部', '💥', '<b>', '"', '/', '\n', '%', 'é', 'a', '\u{FFFF}', '\\'),
    fc.integer({ min: 1, max: 650 }),
  )
  .map(([unit, times]) => unit.repeat(times))
const text = fc.oneof(long, fc.constantFrom('.', '..', ' ', 'latest', 'a/b', 'a:b', '\t', '@everyone', '*'))
const url = fc.constantFrom(
  'https://web.example.com',
  'http://intranet/',
  'https://[::1]/',
  `https://a.example/${'x'.repeat(1900)}`,
)

/** Any release: also with long and odd texts, at any stage, with and without all else. */
export const anyRelease: fc.Arbitrary<ReleaseInput> = fc
  .tuple(
    release,
    fc.record(
      {
        app: text,
        version: text,
        user: text,
        sha: fc.oneof(fc.constant('35b3726f2c6f8a5d6b1e0a7c9d8e7f6a5b4c3d2e'), text),
        summary: text,
        stage: fc.constantFrom('released', 'succeeded', 'failed', 'rolled-back'),
        environment: text,
        previous: text,
        url,
        logUrl: url,
        at: fc.constantFrom('2026-11-21T12:00:00Z', '1970-01-01T00:00:00+01:00'),
        meta: fc.constant({ prev_head: 'aaaaaaa', parts: 3 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([made, odd]) => ({ ...made, ...odd }))
