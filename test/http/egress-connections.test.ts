import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEgressGuard } from '../../src/http/egress.ts'
import type { EgressOptions } from '../../src/http/egress-options.ts'
import { gotTransport } from '../../src/http/got-transport.ts'
import type { Exchange, Transport } from '../../src/http/transport.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { createDispatcher, type HookCheck } from '../../src/index.ts'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { addressesOfMachine, certificate, hasIPv6, openDoor, type Door } from './doors.ts'
import { egressUrls, type EgressUrl } from './egress-urls.ts'
import { startNameServer, type Answers } from './name-server.ts'

/*
 * Nothing here leaves the machine. What stands for a public address is 127.0.0.9, which `allow` opens; public URLs of the table are sent
 * through a proxy of the test alone.
 */
const open = '127.0.0.9'
const nothing = { connections: 0, bytes: 0 }
const schemes = ['http', 'https']

let doors: Readonly<Record<string, Door>> = {}

beforeAll(async () => {
  doors = Object.fromEntries(
    await Promise.all(
      schemes.map(async (scheme) => {
        const door = await openDoor(scheme, (request, response) => {
          response.setHeader('connection', 'close')
          const [, to] = /^\/to\/(.*)$/u.exec(request.url ?? '') ?? []
          if (to !== undefined) response.writeHead(307, { location: `${scheme}://${to}:${door.port}/` })
          response.end('ok')
        })
        return [scheme, door]
      }),
    ),
  )
})

afterAll(async () => {
  for (const door of Object.values(doors)) await door[Symbol.asyncDispose]()
})

function doorOf(scheme: string): Door {
  const door = doors[scheme]
  if (door === undefined) throw new Error(`No door for ${scheme}`)
  return door
}

/** What has come to every address of this machine since. */
function since(): (...but: readonly string[]) => { readonly connections: number; readonly bytes: number } {
  const all = (...but: readonly string[]): { connections: number; bytes: number } => {
    const each = schemes.map((scheme) => doorOf(scheme).elsewhere(...but))
    return {
      connections: each.reduce((sum, { connections }) => sum + connections, 0),
      bytes: each.reduce((sum, { bytes }) => sum + bytes, 0),
    }
  }
  const before = new Map<string, ReturnType<typeof all>>([
    [open, all(open)],
    ['', all()],
  ])
  return (...but) => {
    const then = before.get(but.join()) ?? nothing
    const now = all(...but)
    return { connections: now.connections - then.connections, bytes: now.bytes - then.bytes }
  }
}

/** Sends each, some at a time. */
async function sendAll(
  transport: Transport,
  urls: readonly string[],
  egress: EgressOptions = {},
): Promise<Exchange[]> {
  const connection = { guard: createEgressGuard(egress), tls: { ca: certificate } }
  const { signal } = new AbortController()
  const exchanges: Exchange[] = []
  for (let from = 0; from < urls.length; from += 64) {
    const some = urls
      .slice(from, from + 64)
      .map((url) =>
        transport.send({ method: 'POST', url, headers: {}, deadlineMs: 5000, connection, signal }),
      )
    exchanges.push(...(await Promise.all(some)))
  }
  return exchanges
}

/** The URL with the port of the door, spelled as it was; as it is when that would make it a URL that can be parsed. */
function atDoor(url: string): string {
  const { port } = doorOf(/^https:/iu.test(url.trim()) ? 'https' : 'http')
  const moved = url.replace(
    /^(\s*https?:[/\\]*(?:[^/\\?#]*@)?)(\[[^\]/]*\]|[^:/\\?#[\]]+)(?::\d+)?(?=[/\\?#]|$)/iu,
    (_, start: string, host: string) => `${start}${host}:${port}`,
  )
  return URL.canParse(moved) === URL.canParse(url) ? moved : url
}

function verdictOf(exchange: Exchange): string {
  return exchange.kind === 'answer'
    ? `${exchange.status}`
    : `${exchange.cause} ${exchange.code} ${exchange.opened}`
}

function expectedOf({ code, unparsable }: EgressUrl): string {
  return unparsable ? 'protocol ERR_INVALID_URL false' : `blocked ${code} false`
}

function hasHookUrl({ url }: EgressUrl): boolean {
  try {
    parseHookUrl(url)
    return true
  } catch {
    return false
  }
}

function isHttp(url: string): boolean {
  return /^https?:$/u.test(URL.parse(url)?.protocol ?? '')
}

const refused = egressUrls.filter(({ code, unparsable }) => code !== undefined || unparsable)
const hooks = egressUrls.filter(hasHookUrl)

/** Where a URL leads that is an address of this machine at which a door is. */
const here = new Set([
  '127.0.0.1',
  '0.0.0.0',
  ...(hasIPv6 ? ['[::1]', '[::]', '[::ffff:7f00:1]', '[::ffff:0:0]'] : []),
])

/** A proxy that opens no tunnel and sends nothing on, and tells which hosts it was asked for. */
async function startProxy(): Promise<{ readonly url: string; readonly asked: string[] } & AsyncDisposable> {
  const asked: string[] = []
  const server = http.createServer(({ url = '' }, response) => {
    const { hostname, port } = new URL(url)
    asked.push(`${hostname}:${port === '' ? 80 : port}`)
    response.writeHead(502, { 'x-squid-error': 'ERR_OF_THE_TEST 0' }).end()
  })
  server.on('connect', ({ url }, socket) => {
    asked.push(url ?? '')
    socket.on('error', () => socket.destroy()).end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Verdicts {
  /** By the number of the hook. */
  readonly warned: readonly (string | undefined)[]
  readonly checked: readonly (string | undefined)[]
  readonly sent: readonly (string | undefined)[]
}

/** What a dispatcher says of every URL: when it is made, when it is asked, and when it sends. */
async function verdictsOn(
  rows: readonly EgressUrl[],
  transport: Transport,
  egress: EgressOptions,
): Promise<Verdicts> {
  const warned: (string | undefined)[] = rows.map(() => undefined)
  const sent: (string | undefined)[] = rows.map(() => undefined)
  await using dispatcher = createDispatcher({
    hooks: rows.map(({ url }, index) => ({ url, id: `${index}` })),
    secret: 'secret-of-the-test',
    transport,
    egress,
    breaker: false,
    retry: { delaysMs: [], connect: { retries: 0, minTimeout: 1, maxTimeout: 1, factor: 1 } },
    logger: {
      warn(message, fields) {
        const [, index] = /^hooks\[(\d+)\] will not be sent to/u.exec(message) ?? []
        if (index !== undefined) warned[Number(index)] = String(fields?.['code'])
      },
      error: (message) => expect(message).toContain('The proxy did not get through'),
    },
  })
  dispatcher.on('attempt', ({ hook, attempt }) => {
    sent[Number(hook.id)] = attempt.code
  })
  const checks = await dispatcher.check()
  await (await dispatcher.dispatch({ app: 'web', version: 1, user: 'ci' })).settled()
  return { warned, checked: checks.map(({ refusal }: HookCheck) => refusal?.code), sent }
}

describe.each([
  ['gotTransport', gotTransport],
  ['undiciTransport', undiciTransport],
])('%s', (_name, create) => {
  const sending = async (urls: readonly string[], egress: EgressOptions = {}): Promise<Exchange[]> => {
    const transport = create()
    const exchanges = await sendAll(transport, urls, egress)
    transport.close()
    return exchanges
  }

  it('opens no connection for any refused URL of the table, whatever its port', async () => {
    expect(refused.length).toBeGreaterThan(1000)
    const ports = new Set(schemes.map((scheme) => `${doorOf(scheme).port}`))
    const atDoors = refused.filter(({ url }) => ports.has(URL.parse(atDoor(url))?.port ?? ''))
    expect(atDoors.length).toBeGreaterThan(refused.length - 100) // all but other schemes, and what cannot be parsed
    const came = since()
    for (const urlOf of [atDoor, String]) {
      const exchanges = await sending(refused.map(({ url }) => urlOf(url)))
      const wrong = refused
        .map((row, index) => [row.url, expectedOf(row), verdictOf(exchanges[index] as Exchange)])
        .filter(([, expected, got]) => expected !== got)
      expect(wrong).toEqual([])
    }
    expect(came()).toEqual(nothing)
  })

  it('opens none to any address of this machine that is not public', async () => {
    const guard = createEgressGuard()
    const addresses = addressesOfMachine.filter(
      (address) => guard.refusesAddress(address, address) !== undefined,
    )
    expect(addresses.length).toBeGreaterThan(0)
    const came = since()
    const urls = addresses
      .map((address) => (address.includes(':') ? `[${address}]` : address))
      .flatMap((host) => schemes.map((scheme) => `${scheme}://${host}:${doorOf(scheme).port}/`))
    for (const exchange of await sending(urls))
      expect(exchange).toMatchObject({ cause: 'blocked', opened: false })
    expect(came()).toEqual(nothing)
  })

  it('would open one for each spelling of loopback if the guard let it', async () => {
    const came = since()
    const local = refused.filter(({ url }) => isHttp(url) && here.has(new URL(url).hostname))
    const exchanges = await sending(
      local.map(({ url }) => atDoor(url)),
      { allow: ['0.0.0.0/0', '::/0'] },
    )
    expect(local.length).toBeGreaterThan(hasIPv6 ? 150 : 90)
    // Certificates are for some of the addresses alone; the connection is the point.
    expect(new Set(exchanges.map(verdictOf))).toEqual(
      new Set(['200', 'tls ERR_TLS_CERT_ALTNAME_INVALID false']),
    )
    expect(came().connections).toBe(local.length)
    expect(came().bytes).toBeGreaterThan(0)
  })

  it('says the same of every URL when it is configured, checked and sent, also through a proxy', async () => {
    await using proxy = await startProxy()
    const came = since()
    expect(hooks.length).toBeGreaterThan(1000)
    const { warned, checked, sent } = await verdictsOn(hooks, create(), { proxy: proxy.url })
    const codes = hooks.map(({ code }) => code)
    expect(warned).toEqual(codes)
    expect(checked).toEqual(codes)
    expect(sent).toEqual(codes.map((code) => code ?? 'PROXY_502'))
    // All that are allowed were asked of the proxy, and no other.
    const allowed = hooks.filter(({ code }) => code === undefined).map(({ url }) => new URL(url))
    const authority = ({ hostname, port, protocol }: URL): string =>
      `${hostname}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`
    expect(proxy.asked.toSorted()).toEqual(allowed.map(authority).toSorted())
    expect(allowed.length).toBeGreaterThan(100)
    expect(came()).toEqual(nothing)
  })

  it('opens 10.0.0.0/8 and nothing else by that range, however its addresses are spelled', async () => {
    await using proxy = await startProxy()
    const { warned, checked, sent } = await verdictsOn(hooks, create(), {
      proxy: proxy.url,
      allow: ['10.0.0.0/8'],
    })
    const inRange = ({ url }: EgressUrl): boolean => /^10(?:\.\d+){3}$/u.test(new URL(url).hostname)
    const codes = hooks.map((row) => (inRange(row) ? undefined : row.code))
    expect(hooks.filter((row) => inRange(row) && row.code !== undefined).length).toBeGreaterThan(50)
    expect(warned).toEqual(codes)
    expect(checked).toEqual(codes)
    expect(sent).toEqual(codes.map((code) => code ?? 'PROXY_502'))
  })

  it('opens none to what a name server slips in', async () => {
    const inside = [
      '127.0.0.1',
      '::1',
      '::ffff:127.0.0.1',
      '169.254.169.254',
      '0.0.0.0',
      '::ffff:169.254.169.254',
    ]
    const flips = Object.fromEntries(
      inside.flatMap((address, index) => [
        [`flip${index}`, (query: number): Answers => ({ addresses: [query % 2 === 0 ? open : address] })],
        [
          `chain${index}`,
          (query: number): Answers => ({
            aliases: ['one.names.test', 'two.other.test'],
            addresses: [query % 2 === 0 ? open : address],
          }),
        ],
        [`mixed${index}`, (): Answers => ({ addresses: [address, open, '10.0.0.1', '::1'] })],
        [`last${index}`, (): Answers => ({ addresses: ['127.0.0.1', '169.254.169.254', address, open] })],
        [`never${index}`, (): Answers => ({ aliases: ['x.names.test'], addresses: [address, '127.0.0.1'] })],
      ]),
    )
    const names = Object.keys(flips)
    await using server = await startNameServer((name, query) =>
      flips[name.replace('.names.test', '')]?.(query),
    )
    const egress = { lookup: server.lookup, allow: [open] }
    const came = since()
    const transport = create()
    const verdicts = new Map<string, number>()
    const rounds = 4
    for (let round = 0; round < rounds; round += 1) {
      for (const scheme of schemes) {
        const { port } = doorOf(scheme)
        const before = doorOf(scheme).connectionsAt(open)
        const urls = names.map((name) => `${scheme}://${name}.names.test:${port}/`)
        const exchanges = await sendAll(transport, urls, egress)
        const found = exchanges.map((exchange) => (exchange.kind === 'answer' ? 'answer' : exchange.cause))
        // Rounds of http take what is even, those of https what is odd.
        const flipped = scheme === 'http' ? 'answer' : 'blocked'
        const expected = { flip: flipped, chain: flipped, mixed: 'answer', last: 'answer', never: 'blocked' }
        expect(found).toEqual(
          names.map((name) => expected[name.replace(/\d+$/u, '') as keyof typeof expected]),
        )
        expect(doorOf(scheme).connectionsAt(open) - before).toBe(
          found.filter((each) => each === 'answer').length,
        )
        for (const each of found) verdicts.set(each, (verdicts.get(each) ?? 0) + 1)
      }
    }
    transport.close()
    expect([...verdicts.values()].reduce((sum, count) => sum + count, 0)).toBe(2 * rounds * names.length)
    expect(2 * rounds * names.length).toBeGreaterThanOrEqual(200)
    expect(server.queries).toBe(2 * 2 * rounds * names.length)
    expect(came(open)).toEqual(nothing)
  })

  it('opens an address, a range, a name and the names below one that are allowed', async () => {
    await using server = await startNameServer((name) =>
      name.endsWith('names.test') ? { addresses: ['127.0.0.1'] } : undefined,
    )
    const cases: readonly (readonly [allow: string, open: readonly string[], shut: readonly string[]])[] = [
      [
        '127.0.0.1',
        ['127.0.0.1', '0x7f.1', '2130706433', 'a.names.test', 'localhost'],
        ['127.0.0.2', '127.0.0.9'],
      ],
      ['127.0.0.1/32', ['127.0.0.1'], ['127.0.0.2', '127.0.0.0']],
      ['127.0.0.0/30', ['127.0.0.1', '127.0.0.2', '127.0.0.3'], ['127.0.0.4', '127.0.0.9', '0.0.0.0']],
      [
        'a.names.test',
        ['a.names.test', 'A.Names.Test', 'a.names.test.'],
        ['b.names.test', 'x.a.names.test', '127.0.0.1'],
      ],
      [
        '*.names.test',
        ['a.names.test', 'b.names.test'],
        ['names.test', 'a.names.test.evil.names.tests', '127.0.0.1'],
      ],
      ...(hasIPv6
        ? ([
            ['::1', ['[::1]', '[0:0:0:0:0:0:0:1]'], ['127.0.0.1', '[::ffff:127.0.0.1]', '[::]']],
            ['::ffff:127.0.0.1', [], ['127.0.0.1', '[::1]', '[::127.0.0.1]']],
          ] as const)
        : []),
    ]
    for (const [allow, opened, shut] of cases) {
      for (const scheme of schemes) {
        const { port } = doorOf(scheme)
        const lookup: LookupFunction = (name, options, callback) =>
          name === 'localhost'
            ? callback(null, [{ address: '127.0.0.1', family: 4 }])
            : server.lookup(name, options, callback)
        const egress = { allow: [allow], lookup }
        const urlsOf = (hosts: readonly string[]): string[] =>
          hosts.map((host) => `${scheme}://${host}:${port}/`)
        const came = since()
        const answers = await sending(urlsOf(opened), egress)
        expect([allow, answers.map(verdictOf)]).toEqual([allow, opened.map(() => '200')])
        expect(came().connections).toBe(opened.length)
        for (const exchange of await sending(urlsOf(shut), egress))
          expect(['blocked', 'dns']).toContain(exchange.kind === 'failure' ? exchange.cause : exchange.kind)
        expect(came().connections).toBe(opened.length)
      }
    }
  })

  it('follows no redirect to a blocked address', async () => {
    const came = since()
    const hosts = ['127.0.0.1', 'localhost', '0x7f.1', '169.254.169.254', ...(hasIPv6 ? ['[::1]'] : [])]
    const urls = schemes.flatMap((scheme) =>
      hosts.map((host) => `${scheme}://${open}:${doorOf(scheme).port}/to/${host}`),
    )
    const exchanges = await sending(urls, { allow: [open] })
    expect(exchanges.map(verdictOf)).toEqual(urls.map(() => '307'))
    expect(came(open)).toEqual(nothing)
    expect(came().connections).toBe(urls.length)
  })

  it('says of a name what the dispatcher found when it was asked', async () => {
    await using server = await startNameServer((name) => ({
      addresses: name.startsWith('in') ? ['169.254.169.254', '10.0.0.1'] : ['10.0.0.1', open],
    }))
    const { port } = doorOf('http')
    const rows = ['in.names.test', 'out.names.test'].map((host) => ({
      url: `http://${host}:${port}/`,
      code: undefined,
      unparsable: false,
    }))
    const { warned, checked, sent } = await verdictsOn(rows, create(), {
      lookup: server.lookup,
      allow: [open],
    })
    expect(warned).toEqual([undefined, undefined])
    expect(checked).toEqual(['EGRESS_METADATA', undefined])
    expect(sent).toEqual(['EGRESS_METADATA', undefined])
  })
})
