import type { LookupAddress } from 'node:dns'
import { Socket } from 'node:net'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { inTurns, Race } from '../../src/http/race.ts'
import { runs } from '../runs.ts'

const four = (last: number): LookupAddress => ({ address: `192.0.2.${last}`, family: 4 })
const six = (last: number): LookupAddress => ({ address: `2001:db8::${last}`, family: 6 })

/** After so many milliseconds an address takes the connection, or fails with a code; never: nothing comes. */
type Path = { readonly ms: number; readonly code?: string } | 'never'

interface Outcome {
  /** The address that won, or the code of the error. */
  readonly won: string | undefined
  readonly ms: number
  /** When each address was tried, in milliseconds. */
  readonly tried: readonly (readonly [address: string, ms: number])[]
  /** Sockets that were open at a time, at most. */
  readonly mostOpen: number
  /** Whether all but the winner are destroyed. */
  readonly isTidy: boolean
}

/** Runs a race over paths as slow as these; undefined when it has no end within the deadline. */
async function race(
  paths: readonly (readonly [LookupAddress, Path])[],
  leftMs = 15_000,
): Promise<Outcome | undefined> {
  const startedAt = Date.now()
  const tried: [string, number][] = []
  const sockets = new Map<Socket, string>()
  let mostOpen = 0
  const connect = (address: LookupAddress): Socket => {
    const path = paths.find(([each]) => each.address === address.address)?.[1] ?? 'never'
    const socket = new Socket()
    tried.push([address.address, Date.now() - startedAt])
    sockets.set(socket, address.address)
    mostOpen = Math.max(mostOpen, [...sockets.keys()].filter(({ destroyed }) => !destroyed).length)
    if (path !== 'never')
      setTimeout(() => {
        if (socket.destroyed) return
        if (path.code === undefined) socket.emit('connect')
        else socket.destroy(Object.assign(new Error(path.code), { code: path.code }))
      }, path.ms)
    return socket
  }
  const addresses = paths.map(([address]) => address)
  let ended: Outcome | undefined
  const running = new Race({ addresses, port: 1, leftMs, connect }, (error, winner) => {
    const won = winner === undefined ? (error as NodeJS.ErrnoException).code : sockets.get(winner)
    const isTidy = [...sockets.keys()].every((socket) => socket === winner || socket.destroyed)
    ended = { won, ms: Date.now() - startedAt, tried, mostOpen, isTidy }
  })
  running.start()
  await vi.advanceTimersByTimeAsync(leftMs)
  running.destroy()
  return ended
}

describe('a race', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it.each([
    ['IPv4 first', [four(1), six(1)]],
    ['IPv6 first', [six(1), four(1)]],
  ])('reaches what is a second away from a host without IPv6: %s', async (_, addresses) => {
    const outcome = await race(
      addresses.map((each) => [each, each.family === 6 ? { ms: 1, code: 'ENETUNREACH' } : { ms: 1000 }]),
    )
    expect(outcome).toMatchObject({ won: '192.0.2.1', isTidy: true })
    expect(outcome?.ms).toBeLessThanOrEqual(1001)
  })

  it.each([[600], [3000], [14_000]])(
    'reaches the last of three addresses, %i ms away, behind two that say nothing',
    async (ms) => {
      const outcome = await race([
        [six(1), 'never'],
        [six(2), 'never'],
        [four(1), { ms }],
      ])
      expect(outcome).toMatchObject({ won: '192.0.2.1', ms: 250 + ms, isTidy: true })
    },
  )

  it('takes the nearest, and lets go of the others', async () => {
    const outcome = await race([
      [four(1), { ms: 900 }],
      [four(2), { ms: 300 }],
      [four(3), { ms: 900 }],
    ])
    expect(outcome).toMatchObject({ won: '192.0.2.2', ms: 550, mostOpen: 3, isTidy: true })
  })

  it('begins no second one while the first may be there in time', async () => {
    const outcome = await race([
      [four(1), { ms: 249 }],
      [six(1), { ms: 1 }],
    ])
    expect(outcome).toMatchObject({ won: '192.0.2.1', tried: [['192.0.2.1', 0]] })
  })

  it('begins the next at once when one fails', async () => {
    const outcome = await race([
      [four(1), { ms: 5, code: 'ECONNREFUSED' }],
      [four(2), { ms: 7, code: 'ECONNREFUSED' }],
      [four(3), { ms: 1 }],
    ])
    expect(outcome?.tried).toEqual([
      ['192.0.2.1', 0],
      ['192.0.2.2', 5],
      ['192.0.2.3', 12],
    ])
    expect(outcome?.won).toBe('192.0.2.3')
  })

  it('tells what the receiver did, and not what this host lacks', async () => {
    const outcome = await race([
      [six(1), { ms: 1, code: 'ENETUNREACH' }],
      [four(1), { ms: 1, code: 'ECONNREFUSED' }],
    ])
    expect(outcome).toMatchObject({ won: 'ECONNREFUSED', isTidy: true })
    expect(await race([[six(1), { ms: 1, code: 'ENETUNREACH' }]])).toMatchObject({ won: 'ENETUNREACH' })
  })

  it('tries all of twenty addresses that say nothing, six at a time, each for its share of the deadline', async () => {
    const addresses = Array.from({ length: 20 }, (_, index) => four(index))
    const outcome = await race(
      addresses.map((each) => [each, each.address === '192.0.2.19' ? { ms: 10 } : 'never']),
    )
    expect(outcome).toMatchObject({ won: '192.0.2.19', mostOpen: 6, isTidy: true })
    expect(outcome?.tried).toHaveLength(20)
  })

  it('gives each a share of a short deadline', async () => {
    const paths = [six(1), six(2), four(1)].map(
      (each) => [each, each.family === 4 ? { ms: 60 } : 'never'] as const,
    )
    expect(await race(paths, 100)).toMatchObject({ won: '192.0.2.1' })
  })

  it('lets go of all when it is destroyed, and says nothing', async () => {
    expect(
      await race([
        [four(1), 'never'],
        [six(1), 'never'],
      ]),
    ).toBeUndefined()
  })

  it('wins whenever one of the addresses is near enough, whatever the others do', async () => {
    const path = fc.oneof(
      fc.constant('never' as const),
      fc.record({
        ms: fc.integer({ min: 0, max: 16_000 }),
        code: fc.constantFrom('ECONNREFUSED', 'ENETUNREACH'),
      }),
      fc.record({ ms: fc.integer({ min: 0, max: 16_000 }) }),
    )
    const families = fc.array(fc.tuple(fc.boolean(), path), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(families, async (given) => {
        const paths = given.map(([isSix, each], index) => [isSix ? six(index) : four(index), each] as const)
        const outcome = await race(paths)
        const isNear = ([, each]: (typeof paths)[number]): boolean =>
          each !== 'never' && !('code' in each && each.code !== undefined) && each.ms <= shareOf(paths.length)
        if (paths.some(isNear)) {
          const winner = paths.find(([{ address }]) => address === outcome?.won)?.[1]
          expect(winner).toMatchObject({ ms: expect.any(Number) as number })
          expect(winner).not.toHaveProperty('code')
        }
        expect(outcome?.isTidy ?? true).toBe(true)
        expect(outcome?.mostOpen ?? 0).toBeLessThanOrEqual(6)
      }),
      runs(20),
    )
  })
})

/** How far away, in milliseconds, an address may be for certain, of so many: its share of 15 s, less the time until its turn. */
function shareOf(count: number): number {
  return 15_000 / Math.ceil(count / 6) - 5 * 250 - 1
}

describe('addresses', () => {
  it('are tried by turns of their families, each once, in their order', () => {
    expect(inTurns([six(1), six(2), six(3), four(1)])).toEqual([six(1), four(1), six(2), six(3)])
    expect(inTurns([four(1), six(1), six(2)])).toEqual([four(1), six(1), six(2)])
    const address = fc
      .tuple(fc.boolean(), fc.nat(99))
      .map(([isSix, last]) => (isSix ? six(last) : four(last)))
    fc.assert(
      fc.property(fc.array(address), (given) => {
        const turns = inTurns(given)
        for (const family of [4, 6]) {
          const of = (all: readonly LookupAddress[]): LookupAddress[] =>
            all.filter((each) => each.family === family)
          expect(of(turns)).toEqual(of(given))
        }
        expect(turns[0]).toEqual(given[0])
      }),
    )
  })
})
