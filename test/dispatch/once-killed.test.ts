import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createDispatcher } from '../../src/index.ts'
import { sqliteStore } from '../../src/stores/sqlite/index.ts'
import { defineTarget } from '../../src/targets/index.ts'
import { startHttp } from '../loopback.ts'
import { temporaryFolder } from '../stores/temporary.ts'
import { newLog } from './started.ts'

const script = fileURLToPath(new URL('once-process.ts', import.meta.url))
const kills = 5

it('a build that a killed controller has started is not started again by the next ones', async () => {
  await using folder = await temporaryFolder()
  const started: string[] = []
  let arrived = Promise.withResolvers<void>()
  await using server = await startHttp((request) => {
    started.push(String(request.headers['idempotency-key'])) // and no answer
    arrived.resolve()
  })
  const path = folder.file('hooks.db')
  for (let version = 1; version <= kills; version += 1) {
    arrived = Promise.withResolvers()
    const controller = spawn(process.execPath, [script, server.origin, path, `v${version}`], {
      stdio: 'ignore',
    })
    await arrived.promise
    controller.kill('SIGKILL')
    await once(controller, 'exit')
  }
  await using store = sqliteStore({ path })
  const build = defineTarget({ name: 'build', repeat: 'side-effect', requests: [{ accepts: [201] }] })
  await using dispatcher = createDispatcher({
    hooks: [{ id: 'builds', url: server.origin, target: build }],
    store,
    egress: { allow: ['127.0.0.1'] },
    logger: newLog(),
  })
  await expect
    .poll(async () => (await dispatcher.counts()).map(({ state, count }) => [state, count]))
    .toEqual([['dead', kills]])
  for await (const { outcome } of dispatcher.deliveries())
    expect(outcome).toEqual({ kind: 'dead', reason: 'aborted', verdict: 'ambiguous' })
  expect(started).toHaveLength(kills)
  expect(new Set(started).size).toBe(kills)
})
