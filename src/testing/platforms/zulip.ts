import { json, type PlatformRules } from './platform.ts'

/** `POST /api/v1/external/heroku?api_key=…`: the form of Heroku's deploy hooks. */
export const zulip: PlatformRules = {
  credentials: { apiKey: 'zl_5f0c1e9a7b2d' },
  hookPath: ({ apiKey = '' }) => `/api/v1/external/heroku?api_key=${apiKey}&stream=deploys`,
  answer({ method, path, query, headers, body }, { credentials }) {
    const refuse = (status: number, msg: string, code: string): ReturnType<typeof json> =>
      json(status, { result: 'error', msg, code })
    if (path !== '/api/v1/external/heroku') return refuse(404, 'Not found', 'BAD_REQUEST')
    if (method !== 'POST') return refuse(405, 'Method Not Allowed', 'METHOD_NOT_ALLOWED')
    if (query['api_key'] !== credentials['apiKey']) return refuse(401, 'Invalid API key', 'INVALID_API_KEY')
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
    const form = new URLSearchParams(isForm ? body : '')
    const missing = ['head', 'app', 'user', 'url', 'git_log'].find((name) => !form.has(name))
    if (missing !== undefined) return refuse(400, `Missing '${missing}' argument`, 'REQUEST_VARIABLE_MISSING')
    return json(200, { result: 'success', msg: '' })
  },
}
