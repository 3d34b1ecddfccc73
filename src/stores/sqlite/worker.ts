/** The thread that has the database: syncing a disk takes 0.2 to 10 ms, which no deploy and no server should stand still for. */
import { parentPort, workerData } from 'node:worker_threads'
import { openDatabase } from './database.ts'
import { Engine } from './engine.ts'
import { faultOf } from './faults.ts'
import { isWrite, type Batch, type Call, type Replies, type Reply, type ThreadOptions } from './protocol.ts'

const { path, keep } = workerData as ThreadOptions
let opened: Engine | undefined

parentPort?.on('message', (batch: Batch) => parentPort?.postMessage(answer(batch)))

/** Opens again after a fault: its cause may be gone. */
function engine(): Engine {
  opened ??= open()
  return opened
}

function open(): Engine {
  const db = openDatabase(path)
  try {
    return new Engine(db, path, keep)
  } catch (error) {
    db.close()
    throw error
  }
}

/** Writes of a batch are one transaction; reads come after it, so that they see it and do not fail with it. */
function answer(batch: Batch): Replies {
  const replies = new Map<Call, Reply>()
  const writes = batch.filter((call) => isWrite(call))
  if (writes.length > 0) {
    const reply = attempt(() => engine().transaction(() => writes.map((call) => perform(call))))
    for (const [index, call] of writes.entries()) {
      replies.set(call, 'fault' in reply ? reply : { value: (reply.value as unknown[])[index] })
    }
  }
  return batch.map((call) => replies.get(call) ?? attempt(() => perform(call)))
}

function attempt(work: () => unknown): Reply {
  try {
    return { value: work() }
  } catch (error) {
    return { fault: faultOf(error, path) }
  }
}

function perform([name, ...args]: Call): unknown {
  if (name === 'close') return opened?.close()
  const target = name === 'list' ? engine().pages : engine()
  return (target as unknown as Record<string, (...given: unknown[]) => unknown>)[name]?.(...args)
}
