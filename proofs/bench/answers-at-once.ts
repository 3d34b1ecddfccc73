import type { Transport } from 'deploy-hooks'

const answer = {
  kind: 'answer',
  status: 200,
  headers: {},
  body: Buffer.from('ok'),
  timings: { totalMs: 0 },
} as const

/** Sends nothing: what is measured with it is all the rest. */
export const answersAtOnce: Transport = {
  send: () => Promise.resolve(answer),
  close: () => {},
}
