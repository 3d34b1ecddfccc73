import fc from 'fast-check'
import { parseRelease, type ReleaseInput } from '../../src/release.ts'
import { parseUrl } from '../../src/signing/hook-url.ts'
import { renderRequest } from '../../src/targets/render.ts'
import type { Target } from '../../src/targets/index.ts'
import type { PlatformAnswer, PlatformRequest } from '../../src/testing/platforms/platform.ts'
import { platforms, type PlatformName } from '../../src/testing/platforms/platforms.ts'

/** What markup, mentions and links begin with in one chat or another, and what takes more room once it is escaped. */
const odd = fc.constantFrom(
  '<!channel>',
  '<@U012AB3CD>',
  '<users/all>',
  '@everyone',
  '@here',
  '*bold* _it_ ~no~ `code` ```block```',
  ':boom:',
  '[a](https://evil.example)',
  '<https://evil.example|bank>',
  '# heading',
  '> quote',
  '- [ ] item\n1. one',
  '{{DATE(2026-11-21T12:00:00Z)}}',
  '<b>&amp;</b>',
  'a\r\nb\tc\u{2028}d',
  '\u{202E}evil\u{1B}[31m',
  '\u{200B}',
  ' ',
)
const piece = fc.oneof(
  odd,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('&', '<', '\\', '"', '\u{1}', '🚀', '👩‍👩‍👧‍👦', 'é', '𝕏', '_', '%'),
)
const long = fc
  .tuple(piece, fc.integer({ min: 1, max: 2000 }), piece)
  .map(([one, times, other]) => other + one.repeat(times))
/** Any text that a release may hold, up to its 2,000 UTF-16 units. */
const text = fc
  .oneof(
    { weight: 3, arbitrary: fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')) },
    { weight: 2, arbitrary: long },
  )
  .map((value) => value.replaceAll('\0', '').toWellFormed().slice(0, 2000).toWellFormed())
const filled = text.map((value) => value || 'x')
const url = fc
  .tuple(fc.constantFrom('https://a.example/', 'http://u:p@[::1]:8080/x?q='), text)
  .map(([base, rest]) => (base + rest).slice(0, 2000).toWellFormed())
  .filter((value) => URL.canParse(value))
const sha = fc.oneof(fc.constant('35b3726f2c6f8a5d6b1e0a7c9d8e7f6a5b4c3d2e'), text)
const meta = fc.dictionary(filled, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
  maxKeys: 14,
})

/** Any release at all. */
export const anyRelease: fc.Arbitrary<ReleaseInput> = fc.record(
  {
    app: filled,
    version: filled,
    user: filled,
    sha,
    summary: text,
    stage: fc.constantFrom('released', 'succeeded', 'failed', 'rolled-back'),
    environment: filled,
    previous: filled,
    url,
    logUrl: url,
    diffUrl: url,
    at: fc.date({ min: new Date('0001-01-02'), max: new Date('9999-12-30'), noInvalidDate: true }),
    meta,
  },
  { requiredKeys: ['app', 'version', 'user'] },
)

/** Facts that users made of what a platform knows, names and all. */
export const detailsOfMeta = ({
  release,
}: {
  readonly release: { readonly meta?: object }
}): Record<string, string> =>
  Object.fromEntries(Object.entries(release.meta ?? {}).map(([name, value]) => [name, String(value)]))

/** The request that a chat gets of a release, and what its emulator answers, without a socket between them. */
export function exchange(
  name: PlatformName,
  target: Target,
  input: ReleaseInput,
): { readonly request: PlatformRequest; readonly answer: PlatformAnswer; readonly payload: unknown } {
  const rules = platforms[name]
  const rendered = renderRequest(
    target.requests[0],
    1,
    {
      release: parseRelease(input),
      deliveryId: 'dlv_1',
      recordedAt: Date.parse('2026-11-21T12:00:00Z'),
      secrets: {},
      remote: {},
    },
    {
      url: parseUrl(`http://127.0.0.1${rules.hookPath(rules.credentials)}`, 'url'),
      dialect: 'native',
      signer: undefined,
      now: 0,
    },
  )
  const { pathname, searchParams } = new URL(rendered.url)
  const request: PlatformRequest = {
    method: rendered.method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: rendered.headers,
    body: rendered.body ?? '',
  }
  const answer = rules.answer(request, {
    origin: 'http://127.0.0.1',
    credentials: rules.credentials,
    start: () => ({ id: 'm-1', status: '', request }),
    ask: () => undefined,
    deployments: [],
    countWithin: () => 1,
  })
  return { request, answer, payload: JSON.parse(request.body) }
}

/** Every text in a document, wherever it stands. */
export function textsIn(document: unknown): readonly string[] {
  if (typeof document === 'string') return [document]
  return typeof document === 'object' && document !== null ? Object.values(document).flatMap(textsIn) : []
}
