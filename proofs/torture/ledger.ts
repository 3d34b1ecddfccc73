import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** A request as the receiver saw it. */
export interface Receipt {
  /** 1, 2, … in the order of arrival; also the answer's body. */
  readonly number: number
  /** The delivery's. */
  readonly id: string
  /** Of the controller that sent it. */
  readonly life: number
  /** Epoch milliseconds at which its sender began to send it. One that is stopped then goes on with it when it goes on. */
  readonly begunAt: number
  /** Request line and headers. */
  readonly bytes: string
  /** Epoch milliseconds of the arrival. */
  readonly at: number
  readonly status: number
  /** Epoch milliseconds at which the whole answer was given to the system; absent when the sender was gone by then. */
  readonly answeredAt?: number | undefined
}

/** In the order of arrival. */
export async function readLedger(path: string): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = []
  for await (const line of createInterface(createReadStream(path))) receipts.push(JSON.parse(line) as Receipt)
  return receipts.toSorted((one, other) => one.number - other.number)
}
