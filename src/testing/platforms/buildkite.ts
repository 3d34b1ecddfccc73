import { json, jsonOf, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

/** `POST /v2/organizations/{slug}/pipelines/{slug}/builds` and `GET` of one by its number. 50 requests a minute. */
export const buildkite: PlatformRules = {
  credentials: { token: 'bkua_9d21c07f4e', organization: 'acme', pipeline: 'deploy' },
  hookPath: ({ organization = '', pipeline = '' }) =>
    `/v2/organizations/${organization}/pipelines/${pipeline}`,
  statuses: {
    succeeded: ['scheduled', 'running', 'passed'],
    failed: ['scheduled', 'running', 'failing', 'failed'],
  },
  answer(request, state) {
    const { method, path, headers } = request
    if (headers['authorization'] !== `Bearer ${state.credentials['token']}`)
      return json(401, { message: 'Authentication required. Please supply a valid API Access Token' })
    if (state.countWithin('requests', 60_000) > 50)
      return json(429, {
        message: 'You have exceeded your API rate limit. Please wait 42 seconds before making more requests.',
        scope: 'rest_user',
        limit: 50,
        current: 51,
        reset: 42,
      })
    const { organization, pipeline } = state.credentials
    const page = `${state.origin}/${organization}/${pipeline}/builds/`
    const root = buildkite.hookPath(state.credentials)
    const number = path.startsWith(root) ? /^\/builds\/(\d+)$/u.exec(path.slice(root.length))?.[1] : undefined
    if (method === 'GET' && number !== undefined) {
      const build = state.ask(`dp-${number}`)
      if (build === undefined) return json(404, { message: 'No build found' })
      return json(200, {
        number: Number(number),
        state: build.status,
        blocked: false,
        web_url: page + number,
      })
    }
    if (method !== 'POST' || path !== `${root}/builds`) return json(404, { message: 'No pipeline found' })
    const body = jsonOf(request)
    const { commit, branch, env = {} } = isObject(body) ? body : {}
    if (typeof commit !== 'string' || commit === '') return invalid('commit')
    if (typeof branch !== 'string' || branch === '') return invalid('branch')
    if (!isObject(env) || Object.values(env).some((value) => typeof value !== 'string')) return invalid('env')
    const build = state.start(request)
    const made = build.id.replace('dp-', '')
    return json(201, {
      id: `f62a1b4d-10f9-4790-bc1c-${made.padStart(12, '0')}`,
      number: Number(made),
      state: build.status,
      web_url: page + made,
      branch,
      commit,
    })
  },
}

function invalid(field: string): ReturnType<typeof json> {
  return json(422, { message: 'Validation Failed', errors: [{ field, code: 'missing_field' }] })
}
