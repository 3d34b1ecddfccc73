import type { HookOptions } from '../../src/dispatch/options.ts'
import * as targets from '../../src/targets/index.ts'

/** Secrets that stand in no release, by where a hook has them. */
export const marks = {
  path: 'mk1PathSecret7f3a',
  query: 'mk2QuerySecret9c1d',
  token: 'mk3TokenSecret55e0',
  key: 'mk4KeySecret08b2ff',
} as const

const { token, key: apiKey } = marks

/** Every target of the library, as a hook to a server at this origin, with a secret wherever it can have one. */
export function everyTarget(origin: string): Readonly<Record<string, HookOptions>> {
  const url = `${origin}/${marks.path}?key=${marks.query}`
  const apiUrl = origin as 'http://'
  const { defineTarget: _define, ...factories } = targets
  const hooks: Record<keyof typeof factories, HookOptions> = {
    deis: { url, secretPath: true, secret: apiKey, target: targets.deis() },
    shipmight: { url, secretPath: true, target: targets.shipmight({ token }) },
    fortrabbit: { url, target: targets.fortrabbit() },
    flightcontrol: { url, target: targets.flightcontrol({ apiKey, apiUrl }) },
    stackblaze: { url, target: targets.stackblaze({ apiKey }) },
    vercel: { url, target: targets.vercel() },
    netlify: { url, target: targets.netlify() },
    render: { url, target: targets.render({ apiKey, serviceId: 'srv-1', apiUrl }), secretPath: true },
    coolify: { url, secretPath: true, target: targets.coolify({ token }) },
    dokploy: { url, target: targets.dokploy({ branch: 'main' }) },
    caprover: { url, secretPath: true, target: targets.caprover() },
    slack: { url, target: targets.slack() },
    discord: { url, target: targets.discord() },
    teams: { url, target: targets.teams() },
    mattermost: { url, target: targets.mattermost() },
    googleChat: { url, secretPath: true, target: targets.googleChat() },
    ntfy: { url, target: targets.ntfy({ token }) },
    standardWebhook: {
      url,
      secretPath: true,
      secret: `whsec_${Buffer.from(`${apiKey}${apiKey}`).toString('base64')}`,
      target: targets.standardWebhook(),
    },
    cloudEvent: { url, secretPath: true, target: targets.cloudEvent({ token }) },
    cdEvent: { url, secretPath: true, target: targets.cdEvent({ token }) },
    jsonPost: {
      url,
      secretPath: true,
      secret: apiKey,
      target: targets.jsonPost({ secrets: { token }, headers: { 'x-token': token } }),
    },
    herokuForm: { url, secretPath: true, target: targets.herokuForm() },
    githubDispatch: { target: targets.githubDispatch({ repository: 'o/r', token, apiUrl }) },
    githubDeployment: { target: targets.githubDeployment({ repository: 'o/r', token, apiUrl }) },
    gitlabPipeline: {
      target: targets.gitlabPipeline({ project: 7, token, ref: 'main', accessToken: apiKey, apiUrl }),
    },
    buildkite: { target: targets.buildkite({ organization: 'o', pipeline: 'p', token, apiUrl }) },
    circleci: { target: targets.circleci({ project: 'gh/o/r', token, apiUrl }) },
    jenkins: { target: targets.jenkins({ job: 'deploy', user: 'ci', apiToken: token, apiUrl }) },
    checkly: { url, target: targets.checkly() },
    ghostInspector: { target: targets.ghostInspector({ suite: 's1', apiKey, apiUrl }) },
    datadogDeployment: { url: origin, target: targets.datadogDeployment({ apiKey }) },
    grafanaAnnotation: { url: origin, target: targets.grafanaAnnotation({ token }) },
    honeybadgerDeploy: { url: origin, target: targets.honeybadgerDeploy({ apiKey }) },
    newRelicDeployment: { url: origin, target: targets.newRelicDeployment({ apiKey, entityGuid: 'guid' }) },
    rollbarDeploy: { url: origin, target: targets.rollbarDeploy({ token }) },
    sentryDeploy: {
      url: origin,
      target: targets.sentryDeploy({ token, organization: 'o', projects: ['p'] }),
    },
  }
  return hooks
}
