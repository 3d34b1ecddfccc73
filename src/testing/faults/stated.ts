import { ownAnswer } from './answer.ts'
import type { Afterwards, Behaviours, Exchange } from './exchange.ts'

/** Whole answers that a sender has to take the right way. */
export const stated: Behaviours<'status' | 'retry-after' | 'redirect-without-location' | 'redirect-loop'> = {
  status: (exchange, { status }) => answer(exchange, status),
  'retry-after': (exchange, { status, value }) => answer(exchange, status, [`Retry-After: ${value}`]),
  'redirect-without-location': (exchange) => answer(exchange, 302),
  'redirect-loop': (exchange, { status }) => answer(exchange, status, [`Location: ${exchange.target}`]),
}

async function answer(
  exchange: Exchange,
  status: number,
  fields: readonly string[] = [],
): Promise<Afterwards> {
  await exchange.readRequest()
  const bodiless = status === 204 || status === 304
  return exchange.send(ownAnswer(exchange.method, `${status} Fault`, bodiless ? '' : 'fault', fields))
}
