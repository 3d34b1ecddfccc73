import { describe, expect, it } from 'vitest'
import { askNameServers, inOrder } from '../../src/http/name-servers.ts'
import { startNameServer, type Zone } from './name-server.ts'

const impatient = { timeout: 100, tries: 1 }

async function ask(zone: Zone, patience?: typeof impatient): Promise<unknown> {
  await using server = await startNameServer(zone)
  return await askNameServers('receiver.test', server.resolver(patience))
}

describe('name servers', () => {
  it('give the addresses of both families', async () => {
    const found = await ask(() => ({ addresses: ['127.0.0.1', '::1', '127.0.0.2'] }))
    expect(found).toHaveLength(3)
    expect(found).toEqual(
      expect.arrayContaining([
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
        { address: '::1', family: 6 },
      ]),
    )
  })

  it('are followed through other names', async () => {
    expect(await ask(() => ({ aliases: ['a.test', 'b.test'], addresses: ['127.0.0.1'] }))).toEqual([
      { address: '127.0.0.1', family: 4 },
    ])
  })

  it('are asked again for each look-up: nothing is kept', async () => {
    await using server = await startNameServer((_name, query) => ({ addresses: [`127.0.0.${query + 1}`] }))
    const resolver = server.resolver()
    expect(await askNameServers('a.test', resolver)).toEqual([{ address: '127.0.0.1', family: 4 }])
    expect(await askNameServers('a.test', resolver)).toEqual([{ address: '127.0.0.2', family: 4 }])
  })

  it.each([4, 6])(
    'that say nothing of one family are not waited for, when IPv%i has an address',
    async (family) => {
      const address = family === 4 ? '127.0.0.1' : '::1'
      await using server = await startNameServer((_name, _query, type) =>
        type === family ? { addresses: [address] } : 'silence',
      )
      // Of a patience that no test has.
      expect(await askNameServers('a.test', server.resolver({ timeout: 60_000, tries: 1 }))).toEqual([
        { address, family },
      ])
    },
  )

  it.each<[string, Zone, string]>([
    ['know no such name', () => undefined, 'ENOTFOUND'],
    ['know no address of the name', () => ({}), 'ENODATA'],
    ['say nothing', () => 'silence', 'ETIMEOUT'],
    [
      'say nothing of one family, and have no address of the other',
      (_n, _q, type) => (type === 6 ? 'silence' : {}),
      'ETIMEOUT',
    ],
  ])('that %s are an error', async (_what, zone, code) => {
    const patience = code === 'ETIMEOUT' ? impatient : undefined
    await expect(ask(zone, patience)).rejects.toMatchObject({ code })
  })

  it('that refuse are an error at once', async () => {
    const server = await startNameServer(() => undefined)
    const resolver = server.resolver({ timeout: 60_000, tries: 1 })
    await server[Symbol.asyncDispose]()
    await expect(askNameServers('a.test', resolver)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('addresses', () => {
  it('of a family stay in their order, those of one before those of the other', () => {
    const of = (address: string): { address: string; family: number } => ({
      address,
      family: address.includes(':') ? 6 : 4,
    })
    const ordered = inOrder(['10.0.0.2', '::2', '10.0.0.1', '::1'].map(of)).map(({ address }) => address)
    expect(ordered.filter((each) => each.includes(':'))).toEqual(['::2', '::1'])
    expect(ordered.filter((each) => !each.includes(':'))).toEqual(['10.0.0.2', '10.0.0.1'])
    expect(ordered[0]?.includes(':')).toBe(ordered[1]?.includes(':'))
  })
})
