import type { HookOptions } from '../../src/hooks/options.ts'
import { defineTarget } from '../../src/targets/index.ts'

export const secret = 's3cret-of-the-version-before'

/** When the version before was killed, by its clock. What it had put off was due an hour after it was tried. */
export const killedAt: number = Date.parse('2026-01-01T02:41:00.000Z')

/** Starts something that is not to be started twice, and is asked how it went. */
const build = defineTarget({
  name: 'build',
  repeat: 'side-effect',
  requests: [
    {
      headers: { 'x-build': 'yes' },
      body: ({ release }) => ({ text: release.version }),
      id: '/id',
      status: '/status',
    },
  ],
  poll: {
    path: ({ remote }) => ['builds', remote.id ?? ''],
    status: '/status',
    statuses: { running: 'running', done: 'succeeded', broken: 'failed' },
    everyMs: 60_000,
    untilMs: 7_200_000,
  },
})

const steps = defineTarget({
  name: 'steps',
  repeat: 'idempotent',
  requests: [{ path: ['first'] }, { path: ({ release }) => ['second', release.version] }],
})

/** A receiver of the releases of the app of its name. */
function named(name: string, more: Partial<HookOptions> = {}): HookOptions {
  return { url: `http://${name}.hooks.example/deploy`, apps: [name], ...more } as HookOptions
}

/** As the version before had them; all but one without an `id`. */
export const hooks: readonly HookOptions[] = [
  { url: 'http://plain.hooks.example/deploy?key=481516', apps: ['web', 'api'] },
  {
    id: 'audit',
    url: 'http://audit.hooks.example/deploy',
    apps: ['web', 'api', 'busy'],
    after: ['released', 'succeeded', 'failed', 'rolled-back'],
  },
  {
    url: 'http://changes.hooks.example/deploy',
    apps: ['web'],
    after: ['succeeded', 'failed', 'rolled-back'],
    onlyChanges: true,
  },
  named('newest', { supersede: true }),
  named('down'),
  named('refuses'),
  named('gone'),
  named('unwanted'),
  named('off'),
  named('later'),
  named('build', { target: build, waitFor: 'finished' }),
  named('ask', { target: build, waitFor: 'finished' }),
  named('steps', { target: steps }),
  named('busy', { url: 'http://busy.hooks.example/deploy?token=t0k3n' }),
]

/** One that it did not have. */
export const added: HookOptions = { url: 'http://added.hooks.example/deploy', apps: ['web'] }
