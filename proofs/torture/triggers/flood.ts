import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createScratchFolder } from '../../shared/scratch-folder.ts'
import { violationOf, type Report } from '../../shared/report.ts'
import { answerOf, type Answer } from './exchange.ts'
import { figuresOf, violationsOf } from './odd.ts'
import { OddServer } from './odd-server.ts'
import type { OddTarget } from './odd-plan.ts'
import type { Place } from './place.ts'

export interface FloodOptions {
  readonly place: Place
  /** Connections with a right token, and as many with a wrong one, to each of `node` and `fetch`. */
  readonly slow: number
  /** By which an answer may come later than it should, in milliseconds. @default 3000 */
  readonly marginMs?: number
  readonly say: (progress: string) => void
}

/** By which a body has to be there. */
const bodyMs = 10_000

interface Slow {
  readonly answer: Answer
  /** From the head of the request to the first byte of the answer, and to the end of the connection. */
  readonly answeredMs: number
  readonly closedMs: number
}

/** Holds connections that send their bodies a byte a second, while others call. */
export async function floodSlowly({ place, slow, marginMs = 3000, say }: FloodOptions): Promise<Report> {
  await using folder = await createScratchFolder()
  await using server = await OddServer.start({ place, said: folder.file('said.log') })
  const { targets, ports } = server.opened
  const target = targets.find(({ kind }) => kind === 'plain') as OddTarget
  const called = targets.findLast(({ kind }) => kind === 'params') as OddTarget
  await server.report('look')
  const startedAt = performance.now()
  const hold = (port: number, path: string): Promise<Slow>[] =>
    Array.from({ length: slow }, () => slowly(port, path))
  const wrongPath = `${target.path.slice(0, -1)}~`
  const right = Object.values(ports).flatMap((port) => hold(port, target.path))
  const wrong = Object.values(ports).flatMap((port) => hold(port, wrongPath))
  let isOver = false
  const all = Promise.all([Promise.all(right), Promise.all(wrong)]).finally(() => (isOver = true))
  const calls: { status: number; ms: number }[] = []
  while (!isOver) {
    for (const port of Object.values(ports)) calls.push(await call(port, called))
    await sleep(100)
  }
  const [rightAnswers, wrongAnswers] = await all
  say(`${4 * slow} slow bodies are answered`)
  const report = await server.report('settle')
  const longest = (answers: readonly Slow[], of: 'answeredMs' | 'closedMs'): number =>
    Math.max(...answers.map((each) => each[of]))
  const shown = ({ answer, answeredMs, closedMs }: Slow): string =>
    `${answer.status} after ${Math.round(answeredMs)} ms, closed after ${Math.round(closedMs)} ms`
  return {
    title: 'slow bodies',
    figures: {
      'slow bodies with a right token': rightAnswers.length,
      'answered 408': rightAnswers.filter(({ answer }) => answer.status === 408).length,
      'longest until 408, ms': longest(rightAnswers, 'answeredMs'),
      'slow bodies with a wrong token': wrongAnswers.length,
      'answered 404': wrongAnswers.filter(({ answer }) => answer.status === 404).length,
      'longest until 404, ms': longest(wrongAnswers, 'answeredMs'),
      'longest until closed behind 404, ms': longest(wrongAnswers, 'closedMs'),
      'calls meanwhile': calls.length,
      'longest call meanwhile, ms': Math.max(...calls.map(({ ms }) => ms)),
      ...figuresOf(report),
      seconds: (performance.now() - startedAt) / 1000,
    },
    violations: [
      ...violationOf(
        rightAnswers
          .filter(({ answer, closedMs }) => answer.status !== 408 || closedMs > bodyMs + marginMs)
          .map(shown),
        'Slow bodies with a right token were not ended in time',
      ),
      ...violationOf(
        wrongAnswers
          .filter(({ answer, closedMs }) => answer.status !== 404 || closedMs > 2 * marginMs)
          .map(shown),
        'Slow bodies with a wrong token were not refused at once',
      ),
      ...violationOf(
        calls
          .filter(({ status, ms }) => status >= 300 || ms > marginMs)
          .map(({ status, ms }) => `${status} after ${Math.round(ms)} ms`),
        'Calls were held up meanwhile',
      ),
      ...violationsOf(report),
    ],
  }
}

/** A byte a second, until the connection is closed. */
function slowly(port: number, path: string): Promise<Slow> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    let text = ''
    let answeredMs = Infinity
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: api.example.com\r\nX-Forwarded-Proto: https\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n`,
    )
    const drip = setInterval(() => socket.write('x'), 1000)
    socket.on('data', (chunk) => {
      if (text === '') answeredMs = performance.now() - startedAt
      text += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy()) // it is closed then
    socket.on('close', () => {
      clearInterval(drip)
      resolve({ answer: answerOf(text), answeredMs, closedMs: performance.now() - startedAt })
    })
  })
}

async function call(port: number, { path }: OddTarget): Promise<{ status: number; ms: number }> {
  const startedAt = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'x-forwarded-proto': 'https' },
  })
  await response.arrayBuffer()
  return { status: response.status, ms: performance.now() - startedAt }
}
