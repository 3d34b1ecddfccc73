import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { lookUpAll } from '../../src/http/look-up.ts'
import { createLookUp, isHeldUp } from '../../src/http/names.ts'

const of = (address: string): LookupAddress => ({ address, family: 4 })

function failure(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(code), { code })
}

interface World {
  /** Addresses, or the code of what goes wrong; `hangs` until {@link World.end}. */
  readonly hosts?: Readonly<Record<string, string>>
  readonly servers?: Readonly<Record<string, string>>
  readonly system?: Readonly<Record<string, string>>
}

function inWorld({ hosts = {}, servers = {}, system = {} }: World): {
  find: (name: string) => Promise<string>
  lookUp: LookupFunction
  /** Names that the system was asked for, in order. */
  asked: readonly string[]
  askedServers: readonly string[]
  /** Ends the look-up of the system that hangs. */
  end: (name: string, address?: string) => void
} {
  const asked: string[] = []
  const askedServers: string[] = []
  const hanging = new Map<string, (address?: string) => void>()
  const lookUp = createLookUp({
    hosts: { addressesOf: (name) => (hosts[name] === undefined ? [] : [of(hosts[name])]) },
    askServers: async (name) => {
      askedServers.push(name)
      const said = servers[name] ?? 'ENOTFOUND'
      if (said.startsWith('E')) throw failure(said)
      return [of(said)]
    },
    system: (name, _options, callback) => {
      asked.push(name)
      const answer = (said = 'ENOTFOUND'): void =>
        said.startsWith('E') ? callback(failure(said), []) : callback(null, [of(said)])
      if (system[name] === 'hangs') hanging.set(name, answer)
      else setImmediate(answer, system[name])
    },
  })
  return {
    lookUp,
    asked,
    askedServers,
    end: (name, address) => hanging.get(name)?.(address),
    find: async (name) => {
      try {
        return (await lookUpAll(lookUp, name, {})).map(({ address }) => address).join()
      } catch (error) {
        return (error as NodeJS.ErrnoException).code ?? String(error)
      }
    },
  }
}

describe('a name', () => {
  it('of the hosts file has its address from there, whatever others say', async () => {
    const names = { 'a.test': '10.0.0.1' }
    const { find, asked, askedServers } = inWorld({ hosts: names, servers: { 'a.test': '10.0.0.2' } })
    expect(await find('a.test')).toBe('10.0.0.1')
    expect([asked, askedServers]).toEqual([[], []])
  })

  it('that a name server knows takes no thread', async () => {
    const { find, asked } = inWorld({ servers: { 'a.test': '10.0.0.2' }, system: { 'a.test': '10.0.0.3' } })
    expect(await find('a.test')).toBe('10.0.0.2')
    expect(asked).toEqual([])
  })

  it.each(['ENOTFOUND', 'ENODATA'])(
    'that no name server knows (%s) may be known to the system, which is asked first then',
    async (code) => {
      const { find, askedServers } = inWorld({
        servers: { 'a.local': code },
        system: { 'a.local': '10.0.0.3' },
      })
      expect(await find('a.local')).toBe('10.0.0.3')
      expect(await find('a.local')).toBe('10.0.0.3')
      expect(askedServers).toEqual(['a.local'])
    },
  )

  it("without a dot is the system's to look up, in its search domains", async () => {
    const { find, askedServers } = inWorld({ servers: { db: '10.0.0.2' }, system: { db: '10.0.0.3' } })
    expect(await find('db')).toBe('10.0.0.3')
    expect(askedServers).toEqual([])
  })

  it('that nobody knows is not found', async () => {
    expect(await inWorld({}).find('a.test')).toBe('ENOTFOUND')
  })

  it.each(['ETIMEOUT', 'ESERVFAIL', 'ECONNREFUSED'])(
    'that name servers do not answer for (%s) takes no thread, once they have answered for another',
    async (code) => {
      const { find, asked } = inWorld({
        servers: { 'a.test': code, 'b.test': '10.0.0.2' },
        system: { 'a.test': '10.0.0.3' },
      })
      expect(await find('b.test')).toBe('10.0.0.2')
      expect(await find('a.test')).toBe(code)
      expect(asked).toEqual([])
    },
  )

  it('is left to the system where no name server has ever answered', async () => {
    const { find } = inWorld({ servers: { 'a.test': 'ECONNREFUSED' }, system: { 'a.test': '10.0.0.3' } })
    expect(await find('a.test')).toBe('10.0.0.3')
  })
})

describe('a look-up', () => {
  it('gives what `dns.lookup` would: one address, or those of a family', async () => {
    const { lookUp } = inWorld({ hosts: { a: '10.0.0.1' } })
    const ask = (options: object): Promise<unknown> =>
      new Promise((resolve) => lookUp('a', options, (...given) => resolve(given)))
    expect(await ask({})).toEqual([null, '10.0.0.1', 4])
    expect(await ask({ all: true, family: 4 })).toEqual([null, [of('10.0.0.1')]])
    expect(await ask({ all: true, family: 6 })).toEqual([null, []])
    expect(await ask({ family: 6 })).toMatchObject([{ code: 'ENOTFOUND' }, ''])
  })
})

describe('the threads of the system', () => {
  it('are asked for one name at a time: for those that were found before, then new ones, then those that were missed', async () => {
    const system = { known: '10.0.0.1', fresh: '10.0.0.2', hangs: 'hangs' }
    const { find, asked, end } = inWorld({ system })
    await find('known')
    await find('missed')
    const found = ['hangs', 'missed', 'fresh', 'known'].map((name) => find(name))
    await nextTurn()
    expect(asked.slice(2)).toEqual(['hangs'])
    end('hangs')
    expect(await Promise.all(found)).toEqual(['ENOTFOUND', 'ENOTFOUND', '10.0.0.2', '10.0.0.1'])
    expect(asked.slice(2)).toEqual(['hangs', 'known', 'fresh', 'missed'])
  })

  it('hold up who waits for them: not the name that hangs, and not one that was missed before', async () => {
    const { find, lookUp, end } = inWorld({ system: { fresh: '10.0.0.2', hangs: 'hangs' } })
    await find('missed')
    const found = ['hangs', 'fresh', 'missed'].map((name) => find(name))
    await nextTurn()
    const heldUp = ['hangs', 'fresh', 'missed', 'other'].filter((name) => isHeldUp(lookUp, name))
    expect(heldUp).toEqual(['fresh'])
    end('hangs')
    await Promise.all(found)
    expect(isHeldUp(lookUp, 'fresh')).toBe(false)
    expect(isHeldUp(() => undefined, 'fresh')).toBe(false)
  })

  it('are asked once for all who want the same name, however long it takes', async () => {
    const { find, asked, end } = inWorld({ system: { hangs: 'hangs' } })
    const found = [find('hangs'), find('hangs')]
    await nextTurn()
    end('hangs', '10.0.0.9')
    expect(await Promise.all(found)).toEqual(['10.0.0.9', '10.0.0.9'])
    expect(asked).toEqual(['hangs'])
  })
})
