import type { Release } from '../release.ts'
import { made } from './made.ts'
import type { Target, TargetRequest } from './shape.ts'

/** With every fact, so that few functions miss one. */
const sample: Release = {
  app: 'app',
  version: 'v1',
  user: 'user',
  sha: '35b3726a1c6e4f0f9d1f2c9f7a1c2d3e4f5a6b7c',
  summary: 'user deployed 35b3726',
  tenant: 'tenant',
  environment: 'production',
  deployment: 'deployment',
  previous: 'v0',
  url: 'https://app.example/',
  logUrl: 'https://app.example/log',
  diffUrl: 'https://app.example/diff',
  at: '2026-01-01T00:00:00.000Z',
  meta: {},
}

/**
 * Whether the bodies of a request are JSON, or none at all, as far as can be told before there is a release: functions of targets are
 * for values alone, and are asked for the body of a made-up one.
 *
 * @returns `undefined` when that function throws
 */
export function makesJson({ body }: TargetRequest, { secrets = {} }: Target): boolean | undefined {
  const context = { release: sample, deliveryId: 'dlv_0', recordedAt: 0, secrets, remote: {} }
  try {
    const given = made(body, context)
    return given === undefined || 'json' in given
  } catch {
    return undefined // of a release that has what this one has not, it may be either
  }
}
