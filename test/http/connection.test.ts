import { lookup } from 'node:dns'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { BlockedError, type ConnectionError } from '../../src/http/connection-error.ts'
import { Opening } from '../../src/http/connection.ts'
import { lookUpAll } from '../../src/http/look-up.ts'
import type { ConnectionPolicy } from '../../src/http/transport.ts'
import { guardOf, lookUpBy } from '../../src/testing/transport/guards.ts'
import { startTcp } from '../loopback.ts'

const refusal = { code: 'EGRESS_TEST', message: 'Forbidden by the test' }

function open(url: string, policy: ConnectionPolicy): Promise<ConnectionError | Socket | undefined> {
  return new Promise((resolve) => {
    new Opening(new URL(url), policy, 5000, (error, socket) => resolve(error ?? socket)).start()
  })
}

describe('a connection', () => {
  it.each(['http', 'https'])(
    'over %s is closed, with nothing sent, when its address is refused',
    async (scheme) => {
      let received = ''
      await using server = await startTcp((socket) => {
        socket.on('data', (data) => {
          received += data.toString()
        })
        socket.on('close', () => closed.resolve())
      })
      const closed = Promise.withResolvers<void>()
      let asked = 0
      // Allowed when it is looked up, and refused when it is connected.
      const guard = guardOf({ refusesAddress: () => (asked++ === 0 ? undefined : refusal) })
      const error = await open(`${scheme}://receiver.test:${server.port}`, { guard })
      expect(error).toBeInstanceOf(BlockedError)
      expect(error).toMatchObject({ refusal, failure: 'blocked', code: 'EGRESS_TEST' })
      await closed.promise
      expect(received).toBe('')
    },
  )

  it('tells the guard the address, and the host without brackets', async () => {
    const asked: unknown[] = []
    const guard = guardOf({
      refusesAddress: (...given) => {
        asked.push(given)
        return refusal
      },
    })
    await open('http://[::1]:9/', { guard })
    await open('http://receiver.test:9/', { guard })
    expect(asked).toEqual([
      ['::1', '::1'],
      ['127.0.0.1', 'receiver.test'],
    ])
  })

  it('gives the refusal of the first address when all are refused', async () => {
    const guard = guardOf({
      lookup: lookUpBy(() => ['127.0.0.3', '127.0.0.4']),
      refusesAddress: (address) => ({ ...refusal, code: address }),
    })
    expect(await open('http://receiver.test', { guard })).toMatchObject({ code: '127.0.0.3' })
  })

  it.each([
    ['gives no address', []],
    ['gives what is none', [{ address: 'localhost', family: 4 }]],
    ['gives nothing', undefined],
  ])('fails when its look-up %s', async (_, addresses) => {
    const guard = guardOf({ lookup: (_name, _options, callback) => callback(null, addresses as []) })
    expect(await open('http://receiver.test', { guard })).toMatchObject({ failure: 'dns', code: 'ENOTFOUND' })
  })

  it('fails when its look-up throws', async () => {
    const guard = guardOf({
      lookup: () => {
        throw new Error('127.0.0.1')
      },
    })
    const error = await open('http://receiver.test', { guard })
    expect(error).toMatchObject({ failure: 'dns', code: 'ENOTFOUND', message: 'ENOTFOUND' })
  })

  it('opens with a look-up that gives one address', async () => {
    await using server = await startTcp((socket) => socket.resume())
    const guard = guardOf({ lookup: (_name, _options, callback) => callback(null, '127.0.0.1', 4) })
    const socket = (await open(`http://receiver.test:${server.port}`, { guard })) as Socket
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
  })
})

describe('a look-up', () => {
  it('of the system gives every address', async () => {
    expect(await lookUpAll(lookup, 'localhost', {})).toContainEqual({ address: '127.0.0.1', family: 4 })
  })

  it('is asked again once it has answered', async () => {
    let count = 0
    const counted = lookUpBy(() => {
      count += 1
      return ['127.0.0.1']
    })
    await Promise.all([lookUpAll(counted, 'a.test', {}), lookUpAll(counted, 'a.test', {})])
    await lookUpAll(counted, 'a.test', {})
    expect(count).toBe(2)
  })
})
