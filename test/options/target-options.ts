import type * as targets from '../../src/targets/index.ts'
import type { AllOf } from './all-of.ts'

type Targets = Omit<typeof targets, 'defineTarget'>
type OptionsOf<Name extends keyof Targets> = AllOf<NonNullable<Parameters<Targets[Name]>[0]>>

const apiUrl = 'https://a.example'
const chat = { title: 't', details: { a: 'b' }, message: () => ({}) }

/** All options that each target takes, in one of its ways: the compiler misses none. */
export const optionsOf: { readonly [Name in keyof Targets]: OptionsOf<Name> } = {
  deis: {},
  shipmight: { token: 't', variables: { A: 'b' } },
  fortrabbit: {},
  flightcontrol: { preview: { pullRequest: 1, commit: 'c' }, force: true, apiKey: 'k', apiUrl },
  stackblaze: { branch: 'b', clearCache: true, apiKey: 'k' },
  vercel: { buildCache: false },
  netlify: { title: 't', branch: 'b', clearCache: true },
  render: { ref: 'r', image: 'i', apiKey: 'k', serviceId: 's', apiUrl },
  coolify: { token: 't', force: true },
  dokploy: { branch: 'b' },
  caprover: {},
  slack: { ...chat, mention: '<!here>' },
  discord: chat,
  teams: chat,
  mattermost: chat,
  googleChat: { ...chat, thread: 't' },
  ntfy: { token: 't', priority: 5 },
  githubDispatch: { repository: 'o/r', token: 't', eventType: 'e', payload: { a: 1 }, apiUrl },
  githubDeployment: { repository: 'o/r', token: 't', ref: 'r', environment: 'e', state: 'success', apiUrl },
  gitlabPipeline: { project: 7, token: 't', ref: 'r', variables: { a: 'b' }, accessToken: 'a', apiUrl },
  buildkite: {
    organization: 'o',
    pipeline: 'p',
    token: 't',
    branch: 'b',
    commit: 'c',
    env: { a: 'b' },
    apiUrl,
  },
  circleci: { project: 'gh/o/r', token: 't', definitionId: 'd', branch: 'b', parameters: { a: 1 }, apiUrl },
  jenkins: { apiUrl, job: 'j', user: 'u', apiToken: 't', parameters: { a: 'b' } },
  checkly: { repository: 'r', environmentUrl: apiUrl, runLocation: 'l', deployment: true },
  ghostInspector: { suite: 's', apiKey: 'k', startUrl: apiUrl, variables: { a: 'b' }, apiUrl },
  datadogDeployment: { apiKey: 'k', site: 'datadoghq.eu', service: 's', repository: 'r', startedAt: 1 },
  grafanaAnnotation: { token: 't', text: 'x', tags: ['a'], dashboardUid: 'd', panelId: 1 },
  honeybadgerDeploy: { apiKey: 'k', repository: 'r', revision: 'r' },
  newRelicDeployment: { apiKey: 'k', entityGuid: 'g', version: 'v' },
  rollbarDeploy: { token: 't', revision: 'r', environment: 'e', rollbarUser: 'u' },
  sentryDeploy: {
    token: 't',
    organization: 'o',
    projects: ['p'],
    version: 'v',
    repository: 'r',
    environment: 'e',
  },
  standardWebhook: { type: 't', data: () => ({}) },
  cloudEvent: { mode: 'binary', token: 't', source: 's', type: 't', subject: 's', data: () => ({}) },
  cdEvent: { mode: 'binary', token: 't', source: 's', artifactId: 'a', environment: 'e', chainId: 'c' },
  herokuForm: { prevHead: 'p', gitLog: 'g' },
  jsonPost: {
    body: () => ({}),
    method: 'PUT',
    headers: { a: 'b' },
    secrets: { a: 'b' },
    accepts: [200],
    sign: 'hub-sha256',
    repeat: 'duplicates',
    secretPath: true,
  },
}

/** The other ways of those that have several. */
export const otherOptionsOf: readonly (readonly [keyof Targets, object])[] = [
  ['shipmight', { token: 't', imageTag: '1' }],
  ['flightcontrol', { branch: 'b', commit: 'c' }],
  ['circleci', { project: 'gh/o/r', token: 't', tag: 't' }],
  ['jenkins', { apiUrl, token: 't', payload: { a: 1 } }],
]
