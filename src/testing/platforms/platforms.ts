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
import { discord } from './discord.ts'
import { googleChat } from './google-chat.ts'
import { mattermost } from './mattermost.ts'
import { ntfy } from './ntfy.ts'
import { slack } from './slack.ts'
import { teams } from './teams.ts'

// Builds and test suites.
import { buildkite } from './buildkite.ts'
import { checkly } from './checkly.ts'
import { circleci } from './circleci.ts'
import { ghostInspector } from './ghost-inspector.ts'
import { github } from './github.ts'
import { gitlab } from './gitlab.ts'
import { jenkins } from './jenkins.ts'

// Deploy markers.
import { datadog } from './datadog.ts'
import { grafana } from './grafana.ts'
import { honeybadger } from './honeybadger.ts'
import { newRelic } from './new-relic.ts'
import { rollbar } from './rollbar.ts'
import { sentry } from './sentry.ts'

// Events and forms.
import { cloudEvents } from './cloud-events.ts'
import { zulip } from './zulip.ts'

/** Platforms that can be emulated. */
export type PlatformName =
  // Platforms: their deploy hooks.
  | 'shipmight'
  | 'fortrabbit'
  | 'flightcontrol'
  | 'stackblaze'
  | 'vercel'
  | 'netlify'
  | 'render'
  | 'coolify'
  | 'dokploy'
  | 'caprover'
  // Chats.
  | 'discord'
  | 'google-chat'
  | 'mattermost'
  | 'ntfy'
  | 'slack'
  | 'teams'
  // Builds and test suites.
  | 'buildkite'
  | 'checkly'
  | 'circleci'
  | 'ghost-inspector'
  | 'github'
  | 'gitlab'
  | 'jenkins'
  // Deploy markers.
  | 'datadog'
  | 'grafana'
  | 'honeybadger'
  | 'new-relic'
  | 'rollbar'
  | 'sentry'
  // Events and forms.
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
  discord,
  'google-chat': googleChat,
  mattermost,
  ntfy,
  slack,
  teams,

  // Builds and test suites.
  buildkite,
  checkly,
  circleci,
  'ghost-inspector': ghostInspector,
  github,
  gitlab,
  jenkins,

  // Deploy markers.
  datadog,
  grafana,
  honeybadger,
  'new-relic': newRelic,
  rollbar,
  sentry,

  // Events and forms.
  'cloud-events': cloudEvents,
  zulip,
}

export const platformNames: readonly PlatformName[] = Object.keys(platforms) as PlatformName[]
