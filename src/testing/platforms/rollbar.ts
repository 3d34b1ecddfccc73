import { json, jsonOf, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

/** `POST /api/1/deploy`. */
export const rollbar: PlatformRules = {
  credentials: { token: 'rb_5f0c1e9a7b2d' },
  hookPath: () => '',
  answer(request, state) {
    const { method, path, headers } = request
    if (path !== '/api/1/deploy' || method !== 'POST') return json(404, { err: 1, message: 'Not found' })
    const given = headers['x-rollbar-access-token']
    if (given === undefined) return json(400, { err: 1, message: 'access token required' })
    if (given !== state.credentials['token']) return json(403, { err: 1, message: 'invalid access token' })
    const message = faultOf(jsonOf(request))
    if (message !== undefined) return json(422, { err: 1, message })
    return json(200, { data: { deploy_id: Number(state.start(request).id.replace('dp-', '')) } })
  },
}

function faultOf(body: unknown): string | undefined {
  if (!isObject(body)) return 'invalid json'
  const { environment, revision, status = 'succeeded' } = body
  if (typeof environment !== 'string' || environment === '') return 'environment is required'
  if (environment.length > 255) return 'environment is too long'
  if (typeof revision !== 'string' || revision === '') return 'revision is required'
  if (revision.length > 40) return 'revision is too long'
  return /^(?:started|succeeded|failed|timed_out)$/u.test(String(status)) ? undefined : 'invalid status'
}
