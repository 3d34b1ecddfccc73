import type { Transport } from '../../src/http/transport.ts'

/** Answers 200 at once. */
export const answers: Transport = {
  async send() {
    return { kind: 'answer', status: 200, headers: {}, body: Buffer.from('ok'), timings: { totalMs: 1 } }
  },
  async close() {},
}
