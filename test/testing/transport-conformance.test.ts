import { describe, expect, it } from 'vitest'
import { gotTransport } from '../../src/http/got-transport.ts'
import type { Transport } from '../../src/http/transport.ts'
import { transportConformance } from '../../src/testing/index.ts'
import { brokenTransports } from './broken-transports.ts'

describe('the suite for transports', () => {
  const names = transportConformance({ create: () => gotTransport() }).map(({ name }) => name)

  it('makes a transport for each test, and closes it', async () => {
    const open = new Set<Transport>()
    let made = 0
    const tests = transportConformance({
      create: () => {
        made += 1
        const transport: Transport = {
          send: () => Promise.reject(new Error('no transport')),
          close: () => void open.delete(transport),
        }
        open.add(transport)
        return transport
      },
    })
    const quick = tests.filter(({ name }) => name.startsWith('sends no '))
    for (const { run } of quick) await expect(run()).rejects.toThrow('no transport')
    expect(open.size).toBe(0)
    expect(made).toBe(quick.length)
  })

  describe.each(brokenTransports)('for a transport that $what', ({ create, fails }) => {
    it.each(fails)('fails the test “%s”', async (name) => {
      expect(names).toContain(name)
      const test = transportConformance({ create }).find((each) => each.name === name)
      await expect(test?.run()).rejects.toBeInstanceOf(Error)
    })
  })
})
