import { describe, expect, it, onTestFinished } from 'vitest'
import {
  createDispatcher,
  type Attempt,
  type Delivery,
  type HookSettings,
  type Target,
} from '../../src/index.ts'
import { undiciTransport } from '../../src/http/undici-transport.ts'
import { slack } from '../../src/targets/index.ts'
import { startTcp, type Loopback } from '../loopback.ts'
import { newLog, release, secret } from './started.ts'

/** An answer, with the location's bytes as UTF-8. */
function redirect(location: string | undefined, status = 301): Buffer {
  const field = location === undefined ? '' : `Location: ${location}\r\n`
  return Buffer.from(`HTTP/1.1 ${status} Elsewhere\r\n${field}Content-Length: 0\r\n\r\n`)
}

async function answering(...answers: readonly Buffer[]): Promise<Loopback> {
  let requests = 0
  const server = await startTcp((socket) =>
    socket.on('data', () => {
      socket.write(answers[Math.min(requests, answers.length - 1)] as Buffer)
      requests += 1
    }),
  )
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

interface Came {
  readonly delivery: Delivery | undefined
  readonly attempts: readonly Attempt[]
  /** The line of the log about a dead delivery: its message, and all that is beside it. */
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

async function deliver(
  origin: string,
  hook: Partial<HookSettings> & { readonly target?: Target; readonly url?: string } = {},
): Promise<Came> {
  const log = newLog()
  const dispatcher = createDispatcher({
    hooks: [{ url: `${origin}/deploy?token=planted`, id: 'one', ...hook }],
    secret,
    transport: undiciTransport(),
    egress: { allow: ['127.0.0.1'] },
    logger: log,
    retry: { delaysMs: [1, 1, 1], jitter: 0 },
  })
  onTestFinished(() => dispatcher.close({ deadlineMs: 0 }))
  const [delivery] = await (await dispatcher.dispatch(release)).settled()
  const attempts = await dispatcher.attempts(delivery?.id ?? '')
  const line = log.lines.find((each) => each.startsWith('A delivery is dead')) ?? ' {}'
  const fields = line.lastIndexOf(' {')
  expect(JSON.stringify({ attempts, delivery, line })).not.toContain('planted')
  return {
    delivery,
    attempts,
    message: line.slice(0, fields),
    fields: JSON.parse(line.slice(fields)) as Came['fields'],
  }
}

describe('a redirect', () => {
  it.each([
    ['https://new.example/deploy', 'https://new.example/deploy'],
    ['https://new.example/deploy?token=planted&app=web#top', 'https://new.example/deploy'],
    ['https://user:planted@new.example:8443/deploy', 'https://new.example:8443/deploy'],
    ['https://new.example/a/planted/b', 'https://new.example/a/[masked]/b'],
    ['https://new.example/a/pl%61nted/b', 'https://new.example/a/[masked]/b'],
    ['//new.example', 'http://new.example/'],
    ['HTTPS://NEW.example:443/a/../b', 'https://new.example/b'],
    ['https://new.example/\u00fc \u202e', 'https://new.example/%C3%BC%20%E2%80%AE'],
    ['https://new.example/a|b^c', 'https://new.example/\u2026'],
    [`https://new.example/${'a'.repeat(3000)}`, 'https://new.example/\u2026'],
  ])('to %s is kept with the attempt and its delivery as %s', async (location, shown) => {
    const receiver = await answering(redirect(location))
    const { delivery, attempts } = await deliver(receiver.origin)
    expect(attempts).toMatchObject([1, 2, 3].map(() => ({ status: 301, remote: { location: shown } })))
    expect(delivery?.remote).toEqual({ location: shown })
  })

  it.each([300, 301, 302, 303, 307, 308])(
    'of status %i says where to, relative to the request',
    async (status) => {
      const receiver = await answering(redirect('new/', status))
      const { delivery, fields } = await deliver(receiver.origin)
      expect(delivery?.remote).toEqual({ location: `${receiver.origin}/new/` })
      expect(fields).toMatchObject({
        reason: `status-${status}`,
        status,
        location: `${receiver.origin}/new/`,
      })
    },
  )

  it.each([
    ['no place in the web', 'javascript:alert(1)', 302],
    ['a file', 'file:///etc/passwd', 302],
    ['nothing', '', 304],
    ['no URL', 'https://[', 301],
    ['what is no redirect', 'https://new.example/', 404],
  ])('to %s is not kept', async (_, location, status) => {
    const receiver = await answering(redirect(location, status))
    expect((await deliver(receiver.origin)).delivery?.remote).toBeUndefined()
  })

  it('shows no path where that is a secret', async () => {
    const receiver = await answering(redirect('https://new.example/services/T0/planted-anew/', 308))
    const url = `${receiver.origin}/services/T0/an-old-one`
    for (const hook of [
      { url, secretPath: true },
      { url, target: slack() },
    ])
      expect((await deliver(receiver.origin, hook)).delivery?.remote).toEqual({
        location: 'https://new.example/\u2026',
      })
  })

  it('is named when the delivery is dead, with what a person can do', async () => {
    const receiver = await answering(redirect('https://new.example/deploy?token=planted'))
    const { message } = await deliver(receiver.origin)
    expect(message).toBe(
      'A delivery is dead: its receiver redirects to https://new.example/deploy, and no redirect is followed. Give the hook the URL itself that it leads to, unless that is a page to sign in',
    )
  })

  it('that says not where to is named as well', async () => {
    const receiver = await answering(redirect(undefined, 302))
    const { message, fields } = await deliver(receiver.origin)
    expect(message).toBe(
      'A delivery is dead: its receiver redirects without saying where to, and no redirect is followed. Ask who runs it for the URL that takes releases',
    )
    expect(fields).not.toHaveProperty('location')
  })

  it('is forgotten by the next answer', async () => {
    const receiver = await answering(redirect('https://new.example/'), Buffer.from('HTTP/1.1 204 No\r\n\r\n'))
    const { delivery, attempts } = await deliver(receiver.origin)
    expect(attempts.map(({ remote }) => remote)).toEqual([{ location: 'https://new.example/' }, undefined])
    expect(delivery).toMatchObject({ state: 'delivered' })
    expect(delivery?.remote).toBeUndefined()
  })

  it('is no reason of a delivery that died of something else', async () => {
    const receiver = await answering(
      redirect('https://new.example/'),
      Buffer.from('HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n'),
    )
    expect((await deliver(receiver.origin)).message).toBe('A delivery is dead')
  })
})
