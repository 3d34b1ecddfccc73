import { describe, expect, it } from 'vitest'
import type { Stage } from '../../src/index.ts'
import { ways, type Controller, type Hooks } from './news-ways.ts'

const after: readonly Stage[] = ['released', 'succeeded', 'failed', 'rolled-back']
const all = { id: 'all', after }
const changes = { id: 'changes', after, onlyChanges: true }
const failures = { id: 'failures', after: 'failed' } as const
const everything: Hooks = [all, changes, failures]

/** What is sent of each, one after another. */
async function tellEach(
  { tell }: Controller,
  each: readonly Parameters<Controller['tell']>[0][],
): Promise<readonly (readonly string[])[]> {
  const sent: (readonly string[])[] = []
  for (const facts of each) sent.push(await tell(facts))
  return sent
}

describe.each(Object.entries(ways))('a release that is told of, with a %s,', (name, open) => {
  it('in staging and then in production: the failure in production is sent', async () => {
    const controller = await (await open())(everything)
    const failed = { version: 4, stage: 'failed' } as const
    const told = [
      { ...failed, environment: 'staging' },
      { ...failed, environment: 'production' },
    ]
    expect(await tellEach(controller, [...told, ...told])).toEqual([
      ['all', 'changes', 'failures'],
      ['all', 'changes', 'failures'],
      [],
      [],
    ])
  })

  it('that succeeded, failed and succeeded: the third is told, also to a hook that wants only changes', async () => {
    const controller = await (await open())(everything)
    const stages = ['succeeded', 'succeeded', 'failed', 'failed', 'succeeded'] as const
    expect(
      await tellEach(
        controller,
        stages.map((stage) => ({ stage })),
      ),
    ).toEqual([['all', 'changes'], [], ['all', 'changes', 'failures'], [], ['all', 'changes']])
  })

  it('and is back: v3, v2 and v3 again are three', async () => {
    const controller = await (await open())([all])
    const versions = ['v3', 'v2', 'v3', 'v3'].map((version) => ({ version }))
    expect(await tellEach(controller, versions)).toEqual([['all'], ['all'], ['all'], []])
  })

  it('as the first of an app that was destroyed and made again: told, after others or as another deployment', async () => {
    const controller = await (await open())([all])
    const first = { version: 1, sha: undefined }
    const own = { ...first, app: 'api', deployment: 'd1' }
    const sent = await tellEach(controller, [
      first,
      { version: 2 },
      first,
      first,
      own,
      own,
      { ...own, deployment: 'd2' },
    ])
    expect(sent).toEqual([['all'], ['all'], ['all'], [], ['all'], [], ['all']])
  })

  it('again after its delivery died: shown, with a warning that names `replay`, and not sent by itself', async () => {
    let status = 400
    const { tell, dispatcher, log } = await (await open({ status: () => status }))([all])
    expect(await tell({})).toEqual(['all'])
    status = 204
    expect(await tell({})).toEqual([])
    const warning = log.lines.find((line) => line.includes('replay('))
    const [delivery] = await Array.fromAsync(dispatcher.deliveries())
    expect(delivery?.state).toBe('dead')
    expect(warning).toContain(delivery?.id)
    if (!name.includes('SQL')) {
      const { deliveries, repeated } = await dispatcher.dispatch({
        app: 'web',
        version: 4,
        user: 'gabrtv',
        sha: '35b3726',
      })
      expect({ deliveries, repeated }).toEqual({ deliveries: [delivery], repeated: true })
    }
    const replay = await dispatcher.replay(delivery?.id ?? '')
    expect(await replay.settled()).toMatchObject([{ state: 'delivered' }])
  })

  it('by one key for two apps: both are told', async () => {
    const { tell } = await (await open())([all])
    for (const app of ['web', 'api']) expect(await tell({ app }, 'build-7')).toEqual(['all'])
    for (const app of ['web', 'api']) expect(await tell({ app, version: 9 }, 'build-7')).toEqual([])
    expect(await tell({ app: 'web', stage: 'failed' }, 'build-7')).toEqual(['all'])
    expect(await tell({ app: 'web' }, 'build-8')).toEqual(['all'])
  })

  it('as failed twice, with a success between that no hook wants: both failures are sent', async () => {
    const controller = await (await open())([failures])
    const stages = ['failed', 'succeeded', 'failed', 'failed'] as const
    expect(
      await tellEach(
        controller,
        stages.map((stage) => ({ stage })),
      ),
    ).toEqual([['failures'], [], ['failures'], []])
  })

  it('once, whatever was pruned since', async () => {
    const controller = await (await open())(everything)
    const events = [{ stage: 'failed' }, { stage: 'succeeded', at: '2026-11-20T03:00:00Z' }] as const
    expect(await tellEach(controller, events)).toEqual([
      ['all', 'changes', 'failures'],
      ['all', 'changes'],
    ])
    expect(await controller.dispatcher.prune({ olderThan: Date.now() + 60_000 })).toBe(5)
    expect(await controller.tell(events[1])).toEqual([])
    expect(await controller.tell({ stage: 'succeeded' })).toEqual([])
    expect(await controller.tell(events[0])).toEqual(['all', 'changes', 'failures'])
  })

  it('to a hook that was added since: that one still gets it, unless it wants changes alone', async () => {
    const opened = await open()
    const before = await opened([failures])
    expect(await before.tell({ stage: 'failed' })).toEqual(['failures'])
    const controller = await opened(everything)
    expect(await controller.tell({ stage: 'failed' })).toEqual(['all'])
    expect(await controller.tell({ stage: 'failed' })).toEqual([])
  })

  it('to a hook that was added since, and had another commit of the same version: that one still gets it', async () => {
    const opened = await open()
    expect(await (await opened([all])).tell({ sha: 'abc' })).toEqual(['all'])
    const other = { ...all, id: 'other' }
    expect(await (await opened([other])).tell({})).toEqual(['other'])
    const controller = await opened([all, other])
    expect(await controller.tell({})).toEqual(['all'])
    expect(await controller.tell({})).toEqual([])
  })

  it('with the time at which it happened: a repeat of that is known, whatever came since', async () => {
    const controller = await (await open())([all])
    const events = [
      { version: 4, stage: 'failed', at: '2026-11-20T03:00:00Z' },
      { version: 4, stage: 'succeeded', at: '2026-11-20T03:01:00Z' },
      { version: 5, at: '2026-11-20T03:02:00Z' },
    ] as const
    expect(await tellEach(controller, [...events, ...events])).toEqual([
      ['all'],
      ['all'],
      ['all'],
      [],
      [],
      [],
    ])
  })

  it('late: it is not the last one, and a hook that wants only changes does not hear of it', async () => {
    const controller = await (await open())(everything)
    const on = (stage: Stage, minute: number) => ({ stage, at: `2026-11-20T03:0${minute}:00Z` }) as const
    expect(
      await tellEach(controller, [
        on('succeeded', 5),
        on('failed', 3),
        { stage: 'succeeded' },
        on('failed', 6),
      ]),
    ).toEqual([['all', 'changes'], ['all', 'failures'], [], ['all', 'changes', 'failures']])
  })

  it('and replayed: the replay counts for nothing', async () => {
    const { tell, dispatcher } = await (await open())([failures])
    expect(await tell({ stage: 'failed' })).toEqual(['failures'])
    expect(await tell({ stage: 'succeeded' })).toEqual([])
    await (await dispatcher.replay({ hook: 'failures', state: 'delivered' })).settled()
    expect(await tell({ stage: 'succeeded' })).toEqual([])
    expect(await tell({ stage: 'failed' })).toEqual(['failures'])
  })
})
