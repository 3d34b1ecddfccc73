import { describe, it } from 'vitest'
import { gotTransport } from '../../src/http/got-transport.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { transportConformance, type TransportHarness } from '../../src/testing/index.ts'

const harnesses: Readonly<Record<string, TransportHarness>> = {
  gotTransport: { create: () => gotTransport() },
  undiciTransport: { create: () => undiciTransport() },
}

describe.each(Object.entries(harnesses))('%s', (_, harness) => {
  it.each(transportConformance(harness))('$name', ({ run }) => run())
})
