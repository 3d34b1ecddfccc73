import type { Target } from '../../src/targets/index.ts'
import * as targets from '../../src/targets/index.ts'
import type { Platform, PlatformAnswer, PlatformName } from '../../src/testing/index.ts'

type OfPlatform<Value> = (platform: Platform) => Value

/** One platform's deploy hook, as every test of them all needs it. */
export interface DeployHook {
  readonly name: PlatformName
  readonly target: OfPlatform<Target>
  /** An answer that it takes, and the id that is in it. */
  readonly good: PlatformAnswer
  readonly id?: string
  /** What becomes of an accepted status without a body: nothing else says whether it went well. */
  readonly empty: 'delivered' | 'dead'
  /** Credentials that are nobody's business. */
  readonly secrets: readonly string[]
}

function credential({ credentials }: Platform, name: string): string {
  return credentials[name] ?? ''
}

function origin(platform: Platform): `http://${string}` {
  return platform.origin as `http://${string}`
}

export const deployHooks: readonly DeployHook[] = [
  {
    name: 'shipmight',
    target: (platform) => targets.shipmight({ token: credential(platform, 'token') }),
    good: { status: 201, body: {} },
    empty: 'delivered',
    secrets: ['token'],
  },
  {
    name: 'fortrabbit',
    target: () => targets.fortrabbit(),
    good: { status: 200, body: { deployment: { id: 'dp_abc123', state: 'PENDING', createdAt: 1 } } },
    id: 'dp_abc123',
    empty: 'delivered',
    secrets: ['secret'],
  },
  {
    name: 'flightcontrol',
    target: (platform) =>
      targets.flightcontrol({ apiKey: credential(platform, 'apiKey'), apiUrl: origin(platform) }),
    good: { status: 200, body: { success: true, deploymentId: 'clgf4cwx5074' } },
    id: 'clgf4cwx5074',
    empty: 'dead',
    secrets: ['environment', 'secret', 'apiKey'],
  },
  {
    name: 'stackblaze',
    target: (platform) => targets.stackblaze({ apiKey: credential(platform, 'apiKey') }),
    good: { status: 202, body: { deployment_id: 'dep_9f3k2m', status: 'queued' } },
    id: 'dep_9f3k2m',
    empty: 'delivered',
    secrets: ['token', 'apiKey'],
  },
  {
    name: 'vercel',
    target: () => targets.vercel(),
    good: { status: 201, body: { job: { id: 'okzCd50AIap1', state: 'PENDING', createdAt: 1 } } },
    id: 'okzCd50AIap1',
    empty: 'delivered',
    secrets: ['project', 'token'],
  },
  {
    name: 'netlify',
    target: () => targets.netlify(),
    good: { status: 200 },
    empty: 'delivered',
    secrets: ['hook'],
  },
  {
    name: 'render',
    target: (platform) =>
      targets.render({
        apiKey: credential(platform, 'apiKey'),
        serviceId: credential(platform, 'service'),
        apiUrl: origin(platform),
      }),
    good: { status: 200, body: { deploy: { id: 'dep-cn9k2m' } } },
    id: 'dep-cn9k2m',
    empty: 'delivered',
    secrets: ['key', 'apiKey'],
  },
  {
    name: 'coolify',
    target: (platform) => targets.coolify({ token: credential(platform, 'token') }),
    good: { status: 200, body: { deployments: [{ message: 'queued', deployment_uuid: 'cm37r6cq' }] } },
    id: 'cm37r6cq',
    empty: 'dead',
    secrets: ['token'],
  },
  {
    name: 'dokploy',
    target: () => targets.dokploy({ branch: 'main' }),
    good: { status: 200, body: { message: 'Application deployed successfully' } },
    empty: 'dead',
    secrets: ['token'],
  },
  {
    name: 'caprover',
    target: () => targets.caprover(),
    good: { status: 200, body: { status: 100, description: 'Build webhook has triggered', data: {} } },
    empty: 'dead',
    secrets: ['token'],
  },
]
