/** A receiver that answers each of its paths as it is told. It tells the parent its port. `<count>` */
import { createServer } from 'node:http'
import { listenOnFreePorts } from '../../shared/free-ports.ts'
import { obeyParent, tellParent } from '../../shared/parent.ts'
import type { AnswersPlan } from './plan.ts'

/** A URL of 4,096 characters that are not ASCII is nine times as long when it is sent. */
const maxHeaderSize = 128 * 1024

let answers: readonly { readonly status: number; readonly body: Buffer }[] = []
const server = createServer({ maxHeaderSize }, (request, response) => {
  request.resume()
  const { status, body } = answers[Number(/^\/(\d+)/u.exec(request.url ?? '')?.[1])] ?? {
    status: 404,
    body: '',
  }
  response.writeHead(status, { 'content-length': String(Buffer.byteLength(body)) }).end(body)
})
server.keepAliveTimeout = 60_000

obeyParent((order) => {
  const plan = order as AnswersPlan
  answers = plan.answers.map(({ status, body }) => ({ status, body: Buffer.from(body) }))
  tellParent('heard')
})
tellParent((await listenOnFreePorts([server]))[0])
