import type { PlatformRules } from './platform.ts'

// Platforms: their deploy hooks.
import { shipmight } from './shipmight.ts'
import { fortrabbit } from './fortrabbit.ts'
import { flightcontrol } from './flightcontrol.ts'
import { stackblaze } from './stackblaze.ts'
import { vercel } from './vercel.ts'
import { netlify } from './netlify.ts'
import { render } from './render.ts'
import { coolify } from './coolify.ts'
import { dokploy } from './dokploy.ts'
import { caprover } from './caprover.ts'

// Chats.
import { ntfy } from './ntfy.ts'

// Builds and test suites.

// Deploy markers.
import { cloudEvents } from './cloud-events.ts'
import { datadog } from './datadog.ts'
import { grafana } from './grafana.ts'
import { honeybadger } from './honeybadger.ts'
import { newRelic } from './new-relic.ts'
import { rollbar } from './rollbar.ts'
import { sentry } from './sentry.ts'
import { zulip } from './zulip.ts'

/** Platforms that can be emulated. */
export type PlatformName =
  // Platforms: their deploy hooks.
  | 'stackblaze'
  // Chats.
  | 'ntfy'
  // Builds and test suites.
  | 'shipmight'
  | 'fortrabbit'
  | 'flightcontrol'
  | 'stackblaze'
  // Chats.
  | 'vercel'
  | 'netlify'
  | 'render'
  // Chats.
  | 'coolify'
  | 'dokploy'
  | 'caprover'
  // Chats.

  // Deploy markers.
  | 'datadog'
  | 'grafana'
  | 'honeybadger'
  | 'new-relic'
  | 'rollbar'
  | 'sentry'
  | 'cloud-events'
  | 'zulip'

export const platforms: Readonly<Record<PlatformName, PlatformRules>> = {
  // Platforms: their deploy hooks.
  shipmight,
  fortrabbit,
  flightcontrol,
  stackblaze,
  vercel,
  netlify,
  render,
  coolify,
  dokploy,
  caprover,

  // Chats.
  ntfy,

  // Builds and test suites.

  // Deploy markers.
  datadog,
  grafana,
  honeybadger,
  'new-relic': newRelic,
  rollbar,
  sentry,
  'cloud-events': cloudEvents,
  zulip,
}

export const platformNames: readonly PlatformName[] = Object.keys(platforms) as PlatformName[]
