import type { HookOptions } from '../../src/hooks/options.ts'
import * as targets from '../../src/targets/index.ts'

/** Secrets that stand in no release, by where a hook has them. */
export const marks = {
  path: 'mk1PathSecret7f3a',
  query: 'mk2QuerySecret9c1d',
  token: 'mk3TokenSecret55e0',
  key: 'mk4KeySecret08b2ff',
} as const

/** Secrets of one target, and where its receiver is. */
interface Given {
  readonly base: string
  readonly url: string
  readonly apiUrl: 'http://'
  readonly token: string
  readonly apiKey: string
}

const { defineTarget: _define, ...factories } = targets

const hooks: Readonly<Record<keyof typeof factories, (given: Given) => HookOptions>> = {
  deis: ({ url, apiKey }) => ({ url, secretPath: true, secret: apiKey, target: targets.deis() }),
  shipmight: ({ url, token }) => ({ url, secretPath: true, target: targets.shipmight({ token }) }),
  fortrabbit: ({ url }) => ({ url, target: targets.fortrabbit() }),
  flightcontrol: ({ url, apiKey, apiUrl }) => ({ url, target: targets.flightcontrol({ apiKey, apiUrl }) }),
  stackblaze: ({ url, apiKey }) => ({ url, target: targets.stackblaze({ apiKey }) }),
  vercel: ({ url }) => ({ url, target: targets.vercel() }),
  netlify: ({ url }) => ({ url, target: targets.netlify() }),
  render: ({ url, apiKey, apiUrl }) => ({
    url,
    target: targets.render({ apiKey, serviceId: 'srv-1', apiUrl }),
    secretPath: true,
  }),
  coolify: ({ url, token }) => ({ url, secretPath: true, target: targets.coolify({ token }) }),
  dokploy: ({ url }) => ({ url, target: targets.dokploy({ branch: 'main' }) }),
  caprover: ({ url }) => ({ url, secretPath: true, target: targets.caprover() }),
  slack: ({ url }) => ({ url, target: targets.slack() }),
  discord: ({ url }) => ({ url, target: targets.discord() }),
  teams: ({ url }) => ({ url, target: targets.teams() }),
  mattermost: ({ url }) => ({ url, target: targets.mattermost() }),
  googleChat: ({ url }) => ({ url, secretPath: true, target: targets.googleChat() }),
  ntfy: ({ url, token }) => ({ url, target: targets.ntfy({ token }) }),
  standardWebhook: ({ url, apiKey }) => ({
    url,
    secretPath: true,
    secret: `whsec_${Buffer.from(`${apiKey}${apiKey}`).toString('base64')}`,
    target: targets.standardWebhook(),
  }),
  cloudEvent: ({ url, token }) => ({ url, secretPath: true, target: targets.cloudEvent({ token }) }),
  cdEvent: ({ url, token }) => ({ url, secretPath: true, target: targets.cdEvent({ token }) }),
  jsonPost: ({ url, apiKey, token }) => ({
    url,
    secretPath: true,
    secret: apiKey,
    target: targets.jsonPost({ secrets: { token }, headers: { 'x-token': token } }),
  }),
  herokuForm: ({ url }) => ({ url, secretPath: true, target: targets.herokuForm() }),
  githubDispatch: ({ token, apiUrl }) => ({
    target: targets.githubDispatch({ repository: 'o/r', token, apiUrl }),
  }),
  githubDeployment: ({ token, apiUrl }) => ({
    target: targets.githubDeployment({ repository: 'o/r', token, apiUrl }),
  }),
  gitlabPipeline: ({ token, apiKey, apiUrl }) => ({
    target: targets.gitlabPipeline({ project: 7, token, ref: 'main', accessToken: apiKey, apiUrl }),
  }),
  buildkite: ({ token, apiUrl }) => ({
    target: targets.buildkite({ organization: 'o', pipeline: 'p', token, apiUrl }),
  }),
  circleci: ({ token, apiUrl }) => ({ target: targets.circleci({ project: 'gh/o/r', token, apiUrl }) }),
  jenkins: ({ token, apiUrl }) => ({
    target: targets.jenkins({ job: 'deploy', user: 'ci', apiToken: token, apiUrl }),
  }),
  checkly: ({ url }) => ({ url, target: targets.checkly() }),
  ghostInspector: ({ apiKey, apiUrl }) => ({
    target: targets.ghostInspector({ suite: 's1', apiKey, apiUrl }),
  }),
  datadogDeployment: ({ base, apiKey }) => ({ url: base, target: targets.datadogDeployment({ apiKey }) }),
  grafanaAnnotation: ({ base, token }) => ({ url: base, target: targets.grafanaAnnotation({ token }) }),
  honeybadgerDeploy: ({ base, apiKey }) => ({ url: base, target: targets.honeybadgerDeploy({ apiKey }) }),
  newRelicDeployment: ({ base, apiKey }) => ({
    url: base,
    target: targets.newRelicDeployment({ apiKey, entityGuid: 'guid' }),
  }),
  rollbarDeploy: ({ base, token }) => ({ url: base, target: targets.rollbarDeploy({ token }) }),
  sentryDeploy: ({ base, token }) => ({
    url: base,
    target: targets.sentryDeploy({ token, organization: 'o', projects: ['p'] }),
  }),
}

/**
 * Every target of the library, as a hook to a server at this origin, whose paths begin with its name, with a secret wherever it can have
 * one.
 *
 * @param secretOf each place of each target, asked when it is used
 */
export function everyTarget(
  origin: string,
  secretOf: (place: keyof typeof marks, target: string) => string = (place) => marks[place],
): Readonly<Record<string, HookOptions>> {
  const entries = Object.entries(hooks).map(([name, hookOf]) => {
    const of = (place: keyof typeof marks): string => secretOf(place, name)
    const base = `${origin}/${name}`
    const hook = hookOf({
      base,
      get url() {
        return `${base}/${encodeURIComponent(of('path'))}?key=${encodeURIComponent(of('query'))}`
      },
      apiUrl: base as 'http://',
      get token() {
        return of('token')
      },
      get apiKey() {
        return of('key')
      },
    })
    return [name, hook] as const
  })
  return Object.fromEntries(entries)
}
