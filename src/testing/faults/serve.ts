import { Exchange, type Afterwards } from './exchange.ts'
import type { WholeFault } from './fault.ts'
import { TargetBroke } from './forward.ts'
import { BadMessage, readHead } from './message.ts'
import { answerWith } from './request-fault.ts'
import { Disconnected, type Wire } from './wire.ts'

export interface ServeOptions {
  readonly target: URL | undefined
  /** Called for each request, once its head was read: the fault it meets. */
  readonly begin: () => WholeFault | undefined
  /** Called when it was answered, and the connection waits for another. */
  readonly end: () => void
}

/** Answers the requests of one connection, one after the other, until it is closed. */
export async function serve(wire: Wire, options: ServeOptions): Promise<void> {
  try {
    await leave(wire, await answerAll(wire, options))
  } catch (error) {
    if (wire.closed.aborted) return
    if (error instanceof BadMessage) await refuse(wire)
    else if (error instanceof TargetBroke) wire.reset()
    else if (error instanceof Disconnected) wire.destroy()
    else throw error
  }
}

async function answerAll(wire: Wire, { target, begin, end }: ServeOptions): Promise<Afterwards> {
  for (;;) {
    const head = await readHead(wire)
    if (head === undefined) return 'close'
    const exchange = new Exchange(wire, head, target)
    try {
      const afterwards = await answerWith(exchange, begin())
      if (afterwards !== 'keep') return afterwards
      end()
    } finally {
      exchange.close()
    }
  }
}

async function leave(wire: Wire, afterwards: Afterwards): Promise<void> {
  if (afterwards === 'hold') await wire.hold()
  else if (afterwards === 'reset') wire.reset()
  else wire.finish()
}

async function refuse(wire: Wire): Promise<void> {
  await wire
    .write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    .catch(() => {})
  wire.finish()
}
