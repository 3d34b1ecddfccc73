import { describe, expect, it } from 'vitest'
import {
  buildkite,
  circleci,
  datadogDeployment,
  flightcontrol,
  ghostInspector,
  githubDeployment,
  githubDispatch,
  gitlabPipeline,
  jenkins,
  render,
  sentryDeploy,
  type Target,
} from '../../src/targets/index.ts'

const token = 'tk_5f0c1e9a7b'

/** Those that take the URL of an API, by the name that errors give them. */
const withApi: readonly (readonly [string, (apiUrl: string) => Target])[] = [
  ['githubDispatch', (apiUrl) => githubDispatch({ repository: 'acme/web', token, apiUrl })],
  ['githubDeployment', (apiUrl) => githubDeployment({ repository: 'acme/web', token, apiUrl })],
  ['gitlabPipeline', (apiUrl) => gitlabPipeline({ project: 'acme/web', token, ref: 'main', apiUrl })],
  ['buildkite', (apiUrl) => buildkite({ organization: 'acme', pipeline: 'web', token, apiUrl })],
  ['circleci', (apiUrl) => circleci({ project: 'gh/acme/web', token, apiUrl })],
  ['ghostInspector', (apiUrl) => ghostInspector({ suite: 's1', apiKey: token, apiUrl })],
  ['jenkins', (apiUrl) => jenkins({ apiUrl, token })],
  ['jenkins', (apiUrl) => jenkins({ apiUrl, job: 'web', user: 'ci', apiToken: token })],
]

describe.each(withApi)('the URL of an API: %s', (name, make) => {
  it.each([
    ['https://ci.example.com/api?key=1', 'option_invalid'],
    ['https://ci.example.com/api?', 'option_invalid'],
    ['https://ci.example.com/api#v4', 'hook_url_fragment'],
    ['https://user:pw@ci.example.com', 'hook_url_credentials'],
    ['ci.example.com', 'hook_url_scheme'],
    ['', 'hook_url_invalid'],
  ])('is not %j', (apiUrl, code) => {
    expect(() => make(apiUrl)).toThrow(expect.objectContaining({ code, option: `${name}.apiUrl` }))
  })

  it('may have a path, and slashes at its end', () => {
    const { url = '' } = make('https://ci.example.com/base/v4//')
    expect(url).toMatch(/^https:\/\/ci\.example\.com\/base\/v4\/[^/]/u)
    expect(url.slice('https://'.length)).not.toContain('//')
  })
})

const polledApi: readonly (readonly [string, (apiUrl: string) => Target])[] = [
  ['flightcontrol', (apiUrl) => flightcontrol({ apiKey: token, apiUrl: apiUrl as 'https://' })],
  ['render', (apiUrl) => render({ apiKey: token, serviceId: 's', apiUrl: apiUrl as 'https://' })],
]

it.each(polledApi)(
  'the URL of an API that is asked how it went has the name of its option: %s',
  (name, make) => {
    for (const [apiUrl, code] of [
      ['api.example.com', 'hook_url_scheme'],
      ['https://user:pw@api.example.com', 'hook_url_credentials'],
      ['', 'hook_url_invalid'],
    ] as const)
      expect(() => make(apiUrl)).toThrow(expect.objectContaining({ code, option: `${name}.apiUrl` }))
    expect(make('https://api.example.com/base/').poll?.base).toBe('https://api.example.com/base/')
  },
)

describe('what becomes a part of a URL', () => {
  it.each([
    '',
    'https://datadoghq.eu',
    'datadoghq.eu/',
    'datadoghq.eu:443',
    'evil.example/?x=',
    '.datadoghq.eu',
    'datadoghq',
  ])('is no site of Datadog: %j', (site) => {
    expect(() => datadogDeployment({ apiKey: token, site })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'datadogDeployment.site' }),
    )
  })

  it.each(['datadoghq.eu', 'us3.datadoghq.com', 'ap1.datadoghq.com'])('is a site: %s', (site) => {
    expect(datadogDeployment({ apiKey: token, site }).url).toBe(`https://api.${site}`)
  })

  it.each(['', '.', '..'])('is no name: %j', (name) => {
    const invalid = (option: string): unknown => expect.objectContaining({ code: 'option_invalid', option })
    expect(() => sentryDeploy({ token, organization: name, projects: ['web'] })).toThrow(
      invalid('sentryDeploy.organization'),
    )
    expect(() => render({ apiKey: token, serviceId: name })).toThrow(invalid('render.serviceId'))
    expect(() => buildkite({ organization: name, pipeline: 'p', token })).toThrow(
      invalid('buildkite.organization'),
    )
  })

  it.each(['', 'a:b'])('is no user of Jenkins: %j', (user) => {
    expect(() => jenkins({ apiUrl: 'https://ci.example.com', job: 'web', user, apiToken: token })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: 'jenkins.user' }),
    )
  })
})
