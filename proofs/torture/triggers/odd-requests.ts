import { gzipSync } from 'node:zlib'
import type { Chance } from '../../../src/testing/store/chance.ts'
import type { OddTarget } from './odd-plan.ts'

/** A request as bytes, as no client of manners would write it. */
export interface OddRequest {
  readonly bytes: Buffer
  /** What its sender does when all is written: it waits for the answer, ends its side, or is gone. */
  readonly afterwards: 'waits' | 'ends' | 'goes'
}

type Header = readonly [name: string, value: string]

const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'QUERY']
const oddMethods = ['post', 'FOO', 'POST ', '', 'P\u{D6}ST', 'M-SEARCH', 'x'.repeat(300)]

/** Draws one. Most are nearly right, since what is all wrong is refused early. */
export function oddRequest(chance: Chance, targets: readonly OddTarget[]): OddRequest {
  const target = chance.pick(targets)
  const body = chance.percent(65) ? bodyOf(target, chance, targets) : Buffer.alloc(0)
  const framed = framing(body, chance)
  const isCall = chance.percent(75)
  const right = target.dialect === 'flightcontrol' && chance.percent(70) ? 'GET' : 'POST'
  const method = isCall ? right : chance.percent(80) ? chance.pick(methods) : chance.pick(oddMethods)
  const version = chance.percent(96)
    ? 'HTTP/1.1'
    : chance.pick(['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'http/1.1', ''])
  const headers = [
    ...hosts(target, chance),
    ['X-Forwarded-Proto', chance.percent(95) ? 'https' : chance.pick(['http', '', 'https, http', '\u{E4}'])],
    ...tokenHeaders(target, chance, targets),
    ...otherHeaders(target, chance, targets),
    ...framed.headers,
    ...(chance.percent(97) ? [['Connection', chance.percent(97) ? 'close' : 'keep-alive, Upgrade']] : []),
  ] as readonly Header[]
  const head = `${method} ${pathOf(target, chance, targets)} ${version}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  const isShort = framed.isShort || chance.percent(1)
  return {
    bytes: Buffer.concat([Buffer.from(head, chance.percent(90) ? 'latin1' : 'utf8'), framed.body]),
    afterwards: isShort ? chance.pick(['ends', 'goes']) : chance.percent(97) ? 'waits' : 'ends',
  }
}

function tokenOf(chance: Chance, targets: readonly OddTarget[]): string {
  return chance.pick(targets).token
}

/** The path of a trigger, or what looks like one. */
function pathOf(target: OddTarget, chance: Chance, targets: readonly OddTarget[]): string {
  const { path, token } = target
  const isPlain = chance.percent(65)
  const base = isPlain ? path : trick(target, chance, targets)
  if (chance.percent(60)) return base
  const other = tokenOf(chance, targets)
  return (
    base +
    chance.pick([
      '?branch=main&sha=35b3726',
      '?branch=%00',
      '?pullRequest=%00&branch=main',
      '?pullRequest=12',
      '?sha=%ed%a0%80',
      '?sha=%00',
      '?branch=a..b',
      '?branch=%zz&%',
      `?token=${other}`,
      `?${other}=1`,
      `?branch=${other}`,
      `?note=see%20${other}%20there`,
      `?dry_run=1&note=${other}`,
      `?sha=${token}`,
      '?dry_run=1',
      '?__proto__=1&constructor=2&toString=3',
      '?note=1&note=2',
      '?meta=1&branch',
      '?clear_cache=true&branch=next',
      '?force=true&commit=35b3726',
      '?force=maybe',
      `?${'a=b&'.repeat(900)}`,
      `?note=${'\u{E4}'.repeat(50)}`,
      '?app=web&release=v1&release_summary=x&user=y&release_deployment=dep_00000000000000000000000000000000',
      '#fragment',
      '??',
    ])
  )
}

function trick({ path, token }: OddTarget, chance: Chance, targets: readonly OddTarget[]): string {
  const other = tokenOf(chance, targets)
  return chance.pick([
    `/${path}`,
    `/hooks${path}`,
    `/../..${path}`,
    `/%2e%2e/%2E${path}`,
    `/.//${path}/`,
    `${path}/`,
    `${path}//`,
    `${path}%00`,
    `${path}%20`,
    `${path};x=1`,
    path.slice(1),
    path.toUpperCase(),
    path.replaceAll('/', '\\'),
    path.replace(token, token.slice(0, -1)),
    path.replace(token, `${token.slice(0, -1)}${token.endsWith('x') ? 'y' : 'x'}`),
    path.replace(token, encodeURIComponent(encodeURIComponent(`%${token}`))),
    path.replace(token, `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`),
    `/${token}${path}`,
    `/${other}${path}`,
    `/${token}/`,
    `/${token}`,
    `/deploy-hooks/${token}`,
    `/v1/deploy-hook//${token}`,
    `/api/deploy-hook/7/${token}`,
    `/api/deploy-hook/${token}/${token}/12/35b3726`,
    `/api/deploy-hook/8/${token}/%zz/%c0%af`,
    '/api/v1/dh',
    `/deployments/${token}`,
    `/deployments/dep_${'0'.repeat(32)}`,
    `/v1/deployments/dep_${'0'.repeat(32)}`,
    '/deployments/%00',
    `http://evil.example${path}`,
    `https://user:${token}@evil.example${path}`,
    `ftp://evil.example${path}`,
    '*',
    '/',
    '/%',
    '/%zz%c0%af%00',
    '/\u{E4}\u{FF}',
    '/x'.repeat(3000),
    `/${'y'.repeat(9000)}`,
    `/${'z'.repeat(20_000)}`,
    `${'/..'.repeat(1000)}${path}`,
    '/__proto__/constructor',
    `[::1]:80${path}`,
  ])
}

function hosts({ token }: OddTarget, chance: Chance): readonly Header[] {
  if (chance.percent(93)) return [['Host', 'api.example.com']]
  return chance.pick<readonly Header[]>([
    [],
    [['Host', '']],
    [['Host', token]],
    [['Host', '[::1']],
    [['Host', 'a b']],
    [['Host', 'api.example.com:99999']],
    [['Host', `user:${token}@api.example.com`]],
    [
      ['Host', 'api.example.com'],
      ['Host', 'evil.example'],
    ],
  ])
}

function tokenHeaders(target: OddTarget, chance: Chance, targets: readonly OddTarget[]): readonly Header[] {
  const { dialect, token } = target
  const own: readonly Header[] =
    dialect === 'shipmight' && chance.percent(90) ? [['X-Deploy-Hook-Token', token]] : []
  if (chance.percent(75)) return own
  const other = tokenOf(chance, targets)
  return [
    ...own,
    ...chance.pick<readonly Header[]>([
      [['Authorization', `Bearer ${token}`]],
      [['Authorization', `bEaReR   ${token}  `]],
      [['Authorization', `Bearer ${other}`]],
      [['Authorization', `Basic ${btoa(`x:${token}`)}`]],
      [['Authorization', 'Bearer']],
      [['Authorization', 'Bearer right']],
      [['X-Deploy-Hook-Token', token]],
      [['X-Deploy-Hook-Token', other]],
      [['X-Deploy-Hook-Token', `${token}, ${other}`]],
      [
        ['X-Deploy-Hook-Token', token],
        ['x-deploy-hook-token', other],
      ],
      [
        ['X-Deploy-Hook-Token', token],
        ['X-DEPLOY-HOOK-TOKEN', token],
      ],
      [['X-Gitlab-Token', token]],
      [['X-Gitlab-Token', `${token}\u{FF}`]],
      [['X-Deploy-Hook-Token', '']],
      [['X-Deploy-Hook-Token', 'x'.repeat(5000)]],
    ]),
  ]
}

function otherHeaders(
  { token }: OddTarget,
  chance: Chance,
  targets: readonly OddTarget[],
): readonly Header[] {
  const other = tokenOf(chance, targets)
  const all: readonly (readonly Header[])[] = [
    [['User-Agent', 'curl/8.5']],
    [['User-Agent', `curl ${other}`]],
    [['User-Agent', `${'a'.repeat(180)} ${other}`]],
    [['User-Agent', '\u{FF}\u{80}\u{AD}'.repeat(200)]],
    [['User-Agent', 'Slackbot-LinkExpanding 1.0']],
    [['Referer', `https://x.example/${other}`]],
    [['Cookie', `a=${other}`]],
    [['X-Forwarded-For', '198.51.100.7']],
    [['X-Forwarded-For', other]],
    [['X-Forwarded-For', `nobody knows, ${other}, ::ffff:127.0.0.1`]],
    [['X-Forwarded-For', '1.2.3.4, '.repeat(300)]],
    [['X-Forwarded-For', '\u{85}\u{9B}31m']],
    [['Idempotency-Key', `"${chance.below(20)}"`]],
    [['Idempotency-Key', other]],
    [['Idempotency-Key', `"see ${other}"`]],
    [['Idempotency-Key', '"'.repeat(3)]],
    [['Idempotency-Key', 'k'.repeat(300)]],
    [['Idempotency-Key', '\u{FF}\u{E4}']],
    [
      ['Webhook-Id', other],
      ['Webhook-Timestamp', 'NaN'],
      ['Webhook-Signature', 'v1,x v1a,y'],
    ],
    [['X-Hub-Signature-256', `sha256=${'0'.repeat(64)}`]],
    [['X-Hub-Signature-256', `sha256=${token}`]],
    [
      ['X-GitHub-Event', 'push'],
      ['X-GitHub-Delivery', `${chance.below(1e6)}`],
    ],
    [['X-GitHub-Event', 'ping']],
    [['X-GitHub-Event', other]],
    [['X-GitHub-Event', 'x'.repeat(5000)]],
    [['X-Gitlab-Event', `Push Hook ${other}`]],
    [['X-Gitlab-Event', 'Tag Push Hook']],
    [
      ['X-Gitea-Event', other],
      ['X-GitHub-Event', 'push'],
    ],
    [['X-Strapi-Event', other]],
    [['X-Contentful-Topic', `${'.publish'.repeat(500)}x`]],
    [
      ['Sanity-Operation', 'create'],
      ['Sanity-Document-ID', 'drafts.1'],
    ],
    [['Sec-Purpose', 'prefetch;prerender']],
    [['Range', 'bytes=0-']],
    [
      ['Sec-Fetch-Mode', 'navigate'],
      ['Accept', 'text/html'],
    ],
    [['Accept', '*/*;q=\u{FF}']],
    [['X-Dry-Run', 'TRUE']],
    [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
    ],
    [['X-Forwarded-Host', other]],
    [['X\u{E4}', 'no name']],
    [['X-A', 'b\rc']],
    [['X-A', 'b\0c']],
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ],
    Array.from({ length: 150 }, (_, index): Header => [`X-${index}`, 'y']),
    [['X-Long', 'l'.repeat(20_000)]],
  ]
  return chance.percent(45) ? [] : chance.some(all, 3).flat()
}

const types = [
  'application/json',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'application/x-www-form-urlencoded;charset=shift_jis',
  'multipart/form-data; boundary=x',
  'text/plain',
  'application/json, text/html',
  '\u{FF}/\u{FE}',
  '',
]

interface Framed {
  readonly headers: readonly Header[]
  readonly body: Buffer
  /** More is announced than comes. */
  readonly isShort: boolean
}

/** How the body's length is told, or mistold. */
function framing(body: Buffer, chance: Chance): Framed {
  const type: readonly Header[] = chance.percent(80) ? [['Content-Type', chance.pick(types)]] : []
  const expect: readonly Header[] = chance.percent(4)
    ? [['Expect', chance.percent(80) ? '100-continue' : 'a miracle']]
    : []
  const headers = [...type, ...expect]
  const told = (value: string, isShort = false, bytes = body): Framed => ({
    headers: [...headers, ['Content-Length', value]],
    body: bytes,
    isShort,
  })
  const chunked = (bytes: Buffer, coding = 'chunked', isShort = false): Framed => ({
    headers: [...headers, ['Transfer-Encoding', coding]],
    body: bytes,
    isShort,
  })
  if (chance.percent(75))
    return body.length === 0 ? { headers, body, isShort: false } : told(String(body.length))
  const whole = Buffer.concat([
    Buffer.from(`${body.length.toString(16)}\r\n`),
    body,
    Buffer.from('\r\n0\r\n\r\n'),
  ])
  return chance.pick<() => Framed>([
    () => (body.length === 0 ? told('0') : chunked(whole)),
    () => chunked(Buffer.concat([Buffer.from('2;x="y"\r\n{}\r\n0\r\nX-Trailer: y\r\n\r\n')])),
    () => chunked(Buffer.concat([Buffer.from('zz\r\n'), body])),
    () => chunked(Buffer.concat([Buffer.from('fffffffffffffffff\r\n'), body])),
    () => chunked(Buffer.concat([Buffer.from('fffff\r\n'), body]), 'chunked', true),
    () => chunked(Buffer.from('-1\r\n{}\r\n0\r\n\r\n')),
    () => chunked(whole, 'gzip, chunked'),
    () => chunked(whole, 'identity'),
    () => chunked(whole, 'xchunked'),
    () => told(String(body.length + 100), true),
    () => told('65537', true),
    () => told('99999999999999999999', true),
    () => told('-5'),
    () => told('0x10'),
    () => told(`${body.length}, ${body.length}`),
    () => told(`+${body.length}`),
    () => told(String(Math.max(0, body.length - 1))),
    () => ({
      ...told(String(body.length)),
      headers: [...headers, ['Content-Length', String(body.length)], ['Content-Length', '3']],
    }),
    () => ({
      ...chunked(whole),
      headers: [...headers, ['Content-Length', '3'], ['Transfer-Encoding', 'chunked']],
    }),
    () =>
      told(
        String(body.length),
        false,
        Buffer.concat([body, Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]),
      ),
    () => ({
      headers: [...headers, ['Content-Encoding', 'gzip'], ['Content-Length', String(gzipSync(body).length)]],
      body: gzipSync(body),
      isShort: false,
    }),
  ])()
}

function nested(open: string, close: string, depth: number, within = '1'): string {
  return open.repeat(depth) + within + close.repeat(depth)
}

const bodies: readonly (string | Buffer)[] = [
  '{}',
  '{"branch":"main","sha":"35b3726","note":"x"}',
  '{"branch":"main","meta":{"a":[1,2,{"b":null}]}}',
  '{"imageTag":"v1"}',
  '{"imageTag":"v1","more":1}',
  '{"instanceEnvironmentVariables":[{"name":"A","value":"b"}]}',
  '{"instanceEnvironmentVariables":[null,1,"x",[]]}',
  '{"instanceEnvironmentVariables":[{"name":"A","value":"\\u0000\\ud800"}]}',
  '{"ref":"refs/heads/main","after":"35b3726","sender":{"login":"gabrtv"}}',
  '{"ref":"refs/heads/../x","after":"35b3726"}',
  '{"ref":5,"after":{},"sender":[[]]}',
  '{"app":"web","version":"v1","summary":"x","user":"y","deployment":"dep_x"}',
  '{"app":"web","version":"v1","summary":"x","user":"y\\u0000"}',
  'branch=main&sha=%00&note=%zz',
  '{"__proto__":{"branch":"x"},"constructor":{"prototype":1}}',
  '{"meta":{"__proto__":{"x":1}}}',
  '{"sha":"\\u0000"}',
  '{"pullRequest":"\\u0000"}',
  '{"pullRequest":"\\ud800"}',
  '{"branch":"\\ud800"}',
  '{"note":"\\udfff\\u0000"}',
  '{"sha":1e400}',
  '{"meta":1e400}',
  `{"meta":${'9'.repeat(5000)}}`,
  `{"meta":${nested('[', ']', 10_000)}}`,
  `{"meta":${nested('{"a":', '}', 10_000)}}`,
  `{"meta":${nested('[', ']', 32_000)}}`,
  nested('[', ']', 10_000),
  `{${'"a":1,'.repeat(9000)}"b":2}`,
  JSON.stringify({ note: 'n'.repeat(65_000) }),
  'x'.repeat(65_536),
  'x'.repeat(65_537),
  'x'.repeat(300_000),
  '"text"',
  'null',
  '[]',
  '7',
  '{"a":1,"a":2}',
  "{'a':1}",
  '{"a":1}garbage',
  '\u{FEFF}{"branch":"main"}',
  Buffer.from('{"branch":"main"}', 'utf16le'),
  Buffer.from([0xff, 0xfe, 0x00, 0x7b]),
  Buffer.from('{"note":"\xff\xfe"}', 'latin1'),
  gzipSync('{"branch":"main"}'),
  gzipSync('0'.repeat(5_000_000)),
  '--x\r\nContent-Disposition: form-data; name="branch"\r\n\r\nmain\r\n--x--\r\n',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]>',
  '\0',
]

/** With a token where none belongs. */
function bodiesWith(other: string): readonly string[] {
  return [
    `{"imageTag":"${other}"}`,
    `{"instanceEnvironmentVariables":[{"name":"A","value":"${other}"}]}`,
    `{"ref":"refs/heads/main","after":"${other}","sender":{"login":"${other}"}}`,
    `{"note":"${other}"}`,
    `{"${other}":1}`,
    `{"meta":{"deep":["${other}"]}}`,
    `{"meta":{"${other}":1}}`,
    `branch=main&note=${other}`,
  ]
}

const shipmightBodies: readonly string[] = [
  '{"imageTag":"v1"}',
  '{"imageTag":"v1","more":1}',
  '{"instanceEnvironmentVariables":[{"name":"A","value":"b"}]}',
  '{"instanceEnvironmentVariables":[null,1,"x",[]]}',
  '{"instanceEnvironmentVariables":[{"name":"A","value":"\\u0000\\ud800"}]}',
]

function bodyOf({ dialect }: OddTarget, chance: Chance, targets: readonly OddTarget[]): Buffer {
  const isOwn = dialect === 'shipmight' && chance.percent(70)
  const given = chance.percent(20) ? bodiesWith(tokenOf(chance, targets)) : isOwn ? shipmightBodies : bodies
  const text = chance.pick<string | Buffer>(given)
  return typeof text === 'string' ? Buffer.from(text) : text
}
