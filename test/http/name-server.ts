import { promises, Resolver, type LookupAddress } from 'node:dns'
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import type { LookupFunction } from 'node:net'

export interface Answers {
  /** Each name is another name of the one before. */
  readonly aliases?: readonly string[]
  /** Of both families. */
  readonly addresses?: readonly string[]
}

/** What a name stands for at the nth query for it, counted from 0 and for each family by itself. `undefined`: there is no such name. */
export type Zone = (name: string, query: number, family: 4 | 6) => Answers | 'silence' | undefined

export interface NameServer extends AsyncDisposable {
  readonly queries: number
  readonly port: number
  /** As `egress.lookup` wants it. It asks for both families, and keeps nothing. */
  readonly lookup: LookupFunction
  /** That asks it alone, and so often. */
  resolver(options?: { readonly timeout: number; readonly tries: number }): promises.Resolver
}

const typeA = 1
const typeAlias = 5
const typeAAAA = 28
const notFound = 3

/** A DNS server over UDP (RFC 1035) on loopback, whose every answer is out of date at once. */
export async function startNameServer(zone: Zone, port = 0): Promise<NameServer> {
  const asked = new Map<string, number>()
  let queries = 0
  const socket = createSocket('udp4')
  socket.on('message', (message: Buffer, { address, port }: RemoteInfo) => {
    const { name, type, end } = questionOf(message)
    const key = `${name} ${type}`
    const count = asked.get(key) ?? 0
    asked.set(key, count + 1)
    queries += 1
    const answers = zone(name, count, type === typeA ? 4 : 6)
    if (answers !== 'silence')
      socket.send(answerTo(message.subarray(0, end), name, type, answers), port, address)
  })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  const servers = [`127.0.0.1:${socket.address().port}`]
  const patience = { timeout: 2000, tries: 2 }
  const resolver = new Resolver(patience)
  resolver.setServers(servers)
  return {
    get queries() {
      return queries
    },
    port: socket.address().port,
    lookup: lookUpWith(resolver),
    resolver(options = patience) {
      const another = new promises.Resolver(options)
      another.setServers(servers)
      return another
    },
    async [Symbol.asyncDispose]() {
      resolver.cancel()
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

function lookUpWith(resolver: Resolver): LookupFunction {
  return (name, _options, callback) => {
    const found: LookupAddress[] = []
    let last: NodeJS.ErrnoException | null = null
    let pending = 2
    const take =
      (family: 4 | 6) => (error: NodeJS.ErrnoException | null, addresses: string[] | undefined) => {
        if (error !== null) last = error
        else for (const address of addresses ?? []) found.push({ address, family })
        pending -= 1
        if (pending === 0) callback(found.length === 0 ? (last ?? new Error('no address')) : null, found)
      }
    resolver.resolve4(name, take(4))
    resolver.resolve6(name, take(6))
  }
}

/** The one question of a query, which begins behind the 12 bytes of the head. */
function questionOf(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 }
}

function answerTo(query: Buffer, name: string, type: number, answers: Answers | undefined): Buffer {
  const { aliases = [], addresses = [] } = answers ?? {}
  const owner = aliases.at(-1) ?? name
  const records = [
    ...aliases.map((alias, index) => record(aliases[index - 1] ?? name, typeAlias, encodedName(alias))),
    ...addresses
      .filter((address) => (address.includes(':') ? typeAAAA : typeA) === type)
      .map((address) => record(owner, type, bytesOf(address))),
  ]
  const reply = Buffer.from(query)
  reply.writeUInt16BE(0x8180 | (answers === undefined ? notFound : 0), 2) // an answer, recursive, without a fault
  reply.writeUInt16BE(1, 4)
  reply.writeUInt16BE(records.length, 6)
  reply.writeUInt32BE(0, 8)
  return Buffer.concat([reply, ...records])
}

function record(owner: string, type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(10)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(1, 2) // of the Internet; its time to live, which follows, is 0
  head.writeUInt16BE(data.length, 8)
  return Buffer.concat([encodedName(owner), head, data])
}

function encodedName(name: string): Buffer {
  const labels = name
    .split('.')
    .flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')])
  return Buffer.concat([...labels, Buffer.from([0])])
}

/** An address as the four or sixteen bytes that it is. */
function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [, groups = ''] = /^\[(.*)\]$/u.exec(new URL(`http://[${address}]`).hostname) ?? []
  const [head = [], tail = []] = groups.split('::').map((side) => (side === '' ? [] : side.split(':')))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...head, ...zeros, ...tail].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), 2 * index)
  return bytes
}
