import { describe, expect, it, onTestFinished } from 'vitest'
import * as z from 'zod'
import { createDispatcher, type Delivery } from '../../src/index.ts'
import {
  flightcontrol,
  fortrabbit,
  jsonPost,
  shipmight,
  stackblaze,
  type Target,
} from '../../src/targets/index.ts'
import type { CreateTrigger, TriggerDialect } from '../../src/triggers/index.ts'
import type { Store } from '../../src/index.ts'
import type { HookOptions } from '../../src/hooks/options.ts'
import { stores } from '../dispatch/stores.ts'
import { startPlatform } from './platform.ts'

const apiKey = 'fc_key'

interface Circle {
  readonly create: Partial<CreateTrigger>
  /** Our own target of this name, as it is. */
  readonly target: (token: string, origin: `http://${string}`) => Target
  /** It can be asked how it went. */
  readonly isPolled: boolean
}

const circles: Readonly<Record<TriggerDialect, Circle>> = {
  native: {
    create: { params: ['release'] },
    target: () => jsonPost({ body: () => ({ release: 'v4' }) }),
    isPolled: false,
  },
  shipmight: { create: { kind: 'app' }, target: (token) => shipmight({ token }), isPolled: false },
  fortrabbit: { create: {}, target: () => fortrabbit(), isPolled: true },
  flightcontrol: {
    create: { environmentId: 12 },
    target: (_, origin) => flightcontrol({ apiKey, apiUrl: origin, branch: 'main' }),
    isPolled: true,
  },
  stackblaze: { create: {}, target: () => stackblaze({ branch: 'main', clearCache: true }), isPolled: true },
}

describe('the circle', () => {
  // All at once, since each target asks how it went no sooner than after 5 or 10 s.
  it('is closed: our own targets, as they are, fire our own triggers in every store, and follow them to their end', async () => {
    const opened = await Promise.all(
      Object.entries(stores).map(async ([name, open]) => [name, (await open())()] as const),
    )
    const all = opened.flatMap(([name, store]) =>
      Object.entries(circles).map(([dialect, circle]) =>
        goesRound(`${dialect} in ${name}`, store, dialect as TriggerDialect, circle),
      ),
    )
    expect(await Promise.all(all)).toHaveLength(15)
  })
})

async function goesRound(
  label: string,
  store: Store,
  dialect: TriggerDialect,
  circle: Circle,
): Promise<void> {
  const platform = await startPlatform({
    store,
    params: { release: z.string() },
    isApiKey: (key) => key === apiKey,
  })
  // Of an app of its own: those of one store share what is due.
  const { url, token } = await platform.create({ app: label, dialect, ...circle.create })
  const target = circle.target(token, platform.origin as `http://${string}`)
  const dispatcher = createDispatcher({
    hooks: [{ url, target, ...(circle.isPolled ? { waitFor: 'finished' } : undefined) } as HookOptions],
    egress: { allow: ['127.0.0.1'] },
    logger: { warn() {}, error() {} },
  })
  onTestFinished(() => dispatcher.close())

  const { settled } = await dispatcher.dispatch({ app: 'site', version: 4, user: 'gabrtv', sha: '35b3726' })
  const calls = await platform.triggers.list({ app: label })
  const [call] = await expectCall(platform.triggers, calls[0]?.id ?? '')
  const id = call?.deploymentId ?? ''
  await expect
    .poll(async () => (await platform.triggers.deployment(id))?.status, { message: label })
    .toBe('running')
  await platform.triggers.finished(id, 'succeeded', { url: 'https://web.example/' })
  const [delivery] = (await settled()) as [Delivery]

  expect({ label, ...delivery }).toMatchObject({ label, state: 'delivered' })
  if (circle.isPolled) expect({ label, ...delivery.remote }).toMatchObject({ label, id })
  expect(await platform.triggers.deployment(id)).toMatchObject({ app: label, status: 'succeeded' })
}

async function expectCall(
  triggers: Awaited<ReturnType<typeof startPlatform>>['triggers'],
  id: string,
): ReturnType<typeof triggers.calls> {
  await expect.poll(async () => (await triggers.calls(id)).length).toBe(1)
  return triggers.calls(id)
}
