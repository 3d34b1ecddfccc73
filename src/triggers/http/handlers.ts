import { send, type ServerResponseLike } from '../../verify/send.ts'
import { problem } from '../dialects/native.ts'
import { TriggerRefusal } from '../refusal.ts'
import { writtenOf, type Answer } from './answer.ts'
import { ofFetch, ofNode, type NodeRequestLike, type TriggerRequest } from './request.ts'

/** For node:http, Express, Fastify's raw request. */
export type NodeHandler = (request: NodeRequestLike, response: ServerResponseLike) => Promise<void>

/** For Hono and everything that has Fetch's Request. */
export type FetchHandler = (request: Request, address: string | undefined) => Promise<Response>

type AnswerTo = (request: TriggerRequest) => Promise<Answer>

/** @param prefix of tokens, none of which is in an answer */
export function nodeHandler(answerTo: AnswerTo, prefix: string): NodeHandler {
  return async (request, response) => {
    const answer = await answered(() => answerTo(ofNode(request)))
    if (response.headersSent === true) return
    const { headers, body } = writtenOf(answer, prefix)
    const written = { status: answer.status, headers, body: request.method === 'HEAD' ? '' : body }
    await send(written, request, response)
  }
}

/** @param prefix of tokens, none of which is in an answer */
export function fetchHandler(answerTo: AnswerTo, prefix: string): FetchHandler {
  return async (request, address) => {
    const answer = await answered(() => answerTo(ofFetch(request, address)))
    const { headers, body } = writtenOf(answer, prefix)
    const { status } = answer
    return new Response(request.method === 'HEAD' ? null : (body ?? null), { status, headers })
  }
}

/** A request that cannot be read is answered, too. */
async function answered(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    const refusal = error instanceof TriggerRefusal ? error : new TriggerRefusal('request_malformed')
    return { ...problem(refusal), closes: true }
  }
}
