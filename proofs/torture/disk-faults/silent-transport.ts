import type { Exchange, Transport } from 'deploy-hooks'

/** Nobody is there: no request is sent. */
export const hookUrl = 'http://receiver.example/'

const delivered: Exchange = {
  kind: 'answer',
  status: 200,
  headers: {},
  body: new Uint8Array(),
  timings: { totalMs: 0 },
}

/** Sends nothing, and answers 200 when `ready` resolves: where the disk is the point. */
export function silentTransport(ready: () => Promise<unknown>): Transport {
  return {
    async send() {
      await ready()
      return delivered
    },
    close() {},
  }
}
