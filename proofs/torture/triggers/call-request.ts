import type { TriggerDialect } from 'deploy-hooks/triggers'
import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Target } from './plan.ts'

export interface CallRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

const json = { 'content-type': 'application/json' }
const branches = ['main', 'next'] as const

const requests: Readonly<Record<TriggerDialect, (target: Target, chance: Chance) => CallRequest>> = {
  native: ({ path }, chance) => {
    const [branch, sha] = [chance.pick(branches), String(chance.below(1e9))]
    return chance.pick<CallRequest>([
      { method: 'POST', path, headers: {} },
      { method: 'POST', path: `${path}?branch=${branch}&sha=${sha}`, headers: {} },
      { method: 'POST', path, headers: json, body: JSON.stringify({ branch, note: `of ${sha}` }) },
      {
        method: 'POST',
        path,
        headers: { ...json, 'x-github-event': 'push' },
        body: JSON.stringify({ ref: `refs/heads/${branch}`, after: sha, sender: { login: 'gabrtv' } }),
      },
    ])
  },
  shipmight: ({ path, token }, chance) => ({
    method: 'POST',
    path,
    headers: { ...json, 'x-deploy-hook-token': token },
    body: JSON.stringify({ imageTag: `v${chance.below(1000)}` }),
  }),
  fortrabbit: ({ path }) => ({ method: 'POST', path, headers: {} }),
  flightcontrol: ({ path }, chance) => ({
    method: 'GET',
    path: `${path}?force=${chance.percent(50)}&branch=${chance.pick(branches)}`,
    headers: {},
  }),
  stackblaze: ({ path }, chance) => ({
    method: 'POST',
    path: `${path}?branch=${chance.pick(branches)}`,
    headers: {},
  }),
}

/** A call of a trigger as those who call it write it. */
export function requestOf(target: Target, chance: Chance): CallRequest {
  return requests[target.dialect](target, chance)
}
