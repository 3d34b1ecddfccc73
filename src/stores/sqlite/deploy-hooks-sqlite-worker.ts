/** The thread that has the database: syncing a disk takes 0.2 to 10 ms, which no deploy and no server should stand still for. */
import { parentPort, workerData } from 'node:worker_threads'
import { Answers } from './answers.ts'
import type { Batch, ThreadOptions } from './protocol.ts'

const answers = new Answers(workerData as ThreadOptions)
parentPort?.on('message', (batch: Batch) => parentPort?.postMessage(answers.to(batch)))
parentPort?.postMessage('ready') // before it, nothing of what it was asked has happened
