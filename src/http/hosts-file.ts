import type { LookupAddress } from 'node:dns'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { win32 } from 'node:path'

/** hosts(5). */
export const systemHosts: string =
  process.platform === 'win32'
    ? win32.join(process.env['SystemRoot'] ?? String.raw`C:\Windows`, String.raw`System32\drivers\etc\hosts`)
    : '/etc/hosts'

type Entries = ReadonlyMap<string, readonly LookupAddress[]>

/** Names that an administrator has given addresses on this machine: they go before all name servers. */
export class HostsFile {
  readonly #path: string
  #entries: Entries = new Map()
  #stamp = ''

  constructor(path: string) {
    this.#path = path
  }

  /** None for a name that is not in the file. */
  addressesOf(name: string): readonly LookupAddress[] {
    this.#read()
    return this.#entries.get(name.toLowerCase().replace(/\.$/u, '')) ?? []
  }

  /** When it has changed. Not by a thread of libuv's: they may all be waiting for something. */
  #read(): void {
    try {
      const { mtimeMs, size, ino } = statSync(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (stamp === this.#stamp) return
      this.#entries = parseHosts(readFileSync(this.#path, 'utf8'))
      this.#stamp = stamp
    } catch {
      this.#entries = new Map() // no file, no names
      this.#stamp = ''
    }
  }
}

/** By name in lower case. A name may be in several lines, with an address each. */
export function parseHosts(text: string): Entries {
  const entries = new Map<string, LookupAddress[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/u, '').trim().split(/\s+/u)
    const family = isIP(address)
    if (family === 0) continue
    for (const name of new Set(names.map((each) => each.toLowerCase().replace(/\.$/u, '')))) {
      const addresses = entries.get(name) ?? []
      entries.set(name, [...addresses, { address, family }])
    }
  }
  return entries
}
