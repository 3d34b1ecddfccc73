import { compressed } from './compressed.ts'
import { cutOff } from './cut-off.ts'
import { endless } from './endless.ts'
import type { Afterwards, Behaviour, Behaviours, Exchange } from './exchange.ts'
import type { FaultName, WholeFault } from './fault.ts'
import { malformed } from './malformed.ts'
import { slow } from './slow.ts'
import { stated } from './stated.ts'

/** Faults of the connection, which are over when a request comes. */
export type ConnectionFaultName =
  'refused' | 'slow-accept' | 'unasked-answer' | 'wrong-tls' | 'tls-garbage' | 'wrong-certificate'

const behaviours: Behaviours<Exclude<FaultName, ConnectionFaultName>> = {
  ...slow,
  ...cutOff,
  ...endless,
  ...malformed,
  ...stated,
  ...compressed,
}

/** True for faults that a connection meets when it is made. */
export function isConnectionFault(fault: WholeFault): fault is WholeFault<ConnectionFaultName> {
  return !Object.hasOwn(behaviours, fault.fault)
}

/** Answers a request as the fault has it. */
export async function answerWith(exchange: Exchange, fault: WholeFault | undefined): Promise<Afterwards> {
  if (fault === undefined || isConnectionFault(fault)) return exchange.send(await exchange.answer())
  const behaviour = behaviours[fault.fault] as Behaviour<FaultName>
  return behaviour(exchange, fault)
}
