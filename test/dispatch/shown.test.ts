import { describe, expect, it } from 'vitest'
import { defineTarget } from '../../src/targets/index.ts'
import { answer, fakeTransport } from './fake-transport.ts'
import { newLog, release, start } from './started.ts'

const url = 'http://one.example/'
const target = defineTarget({
  name: 'asked',
  repeat: 'duplicates',
  requests: [{ accepts: [201], id: '/id', error: '/message' }],
})
/** Clears the screen, turns the direction, and stands there unseen. */
const hostile = 'a\u{1B}[2J\u{9B}1m\u{202E}b\u{200B}c\u{E0041}'
const shown = 'a\u{FFFD}[2J\u{FFFD}1m\u{FFFD}b\u{FFFD}c\u{FFFD}'

describe('what strangers wrote', () => {
  it('is shown without what steers a terminal, in excerpts, remote texts and log lines', async () => {
    const log = newLog()
    const body = JSON.stringify({ id: hostile, message: hostile })
    const transport = fakeTransport(() => answer(400, undefined, body))
    const dispatcher = start(transport, {
      hooks: [{ url, target }],
      logger: log,
      retry: { refusedAttempts: 1 },
    })
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    const [attempt] = await dispatcher.attempts(delivery?.id ?? '')
    expect(delivery?.remote).toEqual({ id: shown, error: shown })
    expect(attempt?.excerpt).toContain('\\u001b[2J\u{FFFD}1m\u{FFFD}b\u{FFFD}c\u{FFFD}') // as JSON escapes it
    expect(log.lines.filter((line) => line.includes(shown))).toHaveLength(1)
    expect(log.lines.join('')).not.toContain('\u{202E}')
  })

  it('is shown so in plain text too', async () => {
    const dispatcher = start(fakeTransport(() => answer(200, undefined, hostile)))
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect((await dispatcher.attempts(delivery?.id ?? ''))[0]?.excerpt).toBe(shown)
  })

  it('is shown so in what a listener, a target or a logger threw', async () => {
    const log = newLog()
    const throwing = defineTarget({
      name: 'throwing',
      repeat: 'duplicates',
      requests: [
        {
          isAccepted: () => {
            throw new Error(hostile)
          },
        },
      ],
    })
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks: [{ url, target: throwing }], logger: log, retry: { refusedAttempts: 1 } },
    )
    dispatcher.on('dead', () => {
      throw new Error(hostile)
    })
    await (await dispatcher.dispatch(release)).settled()
    expect(log.lines.filter((line) => line.includes(`Error: ${shown}`))).toHaveLength(2)
    expect(log.lines.join('')).not.toContain('\u{202E}')
  })
})

describe('something thrown that has no text', () => {
  const thrown: unknown = Object.create(null)

  it('by a listener, stops neither the other listeners nor the delivery', async () => {
    const log = newLog()
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { logger: log },
    )
    const heard: string[] = []
    dispatcher.on('delivered', () => {
      throw thrown
    })
    dispatcher.on('delivered', ({ delivery }) => heard.push(delivery.id))
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(heard).toEqual([delivery?.id])
    expect(log.lines.join('')).toContain('a value of type object that has no text')
  })

  it('by a target that reads an answer, makes it a refusal', async () => {
    const log = newLog()
    const throwing = defineTarget({
      name: 'throwing',
      repeat: 'duplicates',
      requests: [
        {
          isAccepted: () => {
            throw thrown
          },
        },
      ],
    })
    const dispatcher = start(
      fakeTransport(() => answer(200)),
      { hooks: [{ url, target: throwing }], logger: log, retry: { refusedAttempts: 1 } },
    )
    const [delivery] = await (await dispatcher.dispatch(release)).settled()
    expect(delivery?.outcome).toMatchObject({ kind: 'dead', reason: 'rejected' })
    expect(log.lines.join('')).toContain('a value of type object that has no text')
  })

  it('by a logger, becomes a warning of the process', async () => {
    const warnings: Error[] = []
    const listener = (warning: Error): void => void warnings.push(warning)
    process.on('warning', listener)
    const throwing = (): never => {
      throw thrown
    }
    const dispatcher = start(
      fakeTransport(() => answer(400)),
      { logger: { warn: throwing, error: throwing }, retry: { refusedAttempts: 1 } },
    )
    await (await dispatcher.dispatch(release)).settled()
    await expect.poll(() => warnings.map(({ message }) => message)).toContain('A delivery is dead')
    process.off('warning', listener)
  })
})
