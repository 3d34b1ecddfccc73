import { once } from 'node:events'
import type { Server } from 'node:net'

/**
 * Below those that systems take for outgoing connections: to a closed port among these, a connection may be opened to itself, and
 * nothing refuses it.
 */
const ports = { lowest: 10_000, count: 20_000 }

/** Lets each server listen on a port of its own. @returns the ports */
export async function listenOnFreePorts(servers: readonly Server[]): Promise<readonly number[]> {
  // At random, so that two runs at once do not listen where the other's receivers refuse.
  const candidates = candidatesFrom(Math.floor(Math.random() * ports.count))
  const listening: number[] = []
  for (const server of servers) listening.push(await listenOnOneOf(server, candidates))
  return listening
}

function* candidatesFrom(start: number): Generator<number, undefined> {
  for (let step = 0; step < ports.count; step += 1) yield ports.lowest + ((start + step) % ports.count)
}

async function listenOnOneOf(server: Server, candidates: Iterator<number, undefined>): Promise<number> {
  for (;;) {
    const port = candidates.next().value
    if (port === undefined) throw new Error('Expected a free port, got none')
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
      return port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
}
