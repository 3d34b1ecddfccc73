import { json, type PlatformRules } from './platform.ts'

/** `GET /checks/{id}/trigger/{token}`, answered when the checks are over: 503 when they have failed. 10 a minute. */
export const checkly: PlatformRules = {
  credentials: { token: 'Ew2hAXAlhXXk' },
  hookPath: ({ token = '' }) => `/checks/3355b7c2-c563-8884-a88b-0e1313300033/trigger/${token}`,
  statuses: { succeeded: ['passed'], failed: ['failed'] },
  answer(request, state) {
    const { method, path, query } = request
    if (method !== 'GET') return json(405, { statusCode: 405, error: 'Method Not Allowed' })
    const token = /^\/(?:checks|check-groups)\/[^/]+\/trigger\/([^/]+)$/u.exec(path)?.[1]
    if (token !== state.credentials['token'])
      return json(404, { statusCode: 404, error: 'Not Found', message: 'Not Found' })
    if (query['deployment'] === 'true' && (query['repository'] ?? '') === '')
      return json(400, { statusCode: 400, error: 'Bad Request', message: '"repository" is required' })
    if (query['deployment'] === 'true' && (query['sha'] ?? '') === '')
      return json(400, { statusCode: 400, error: 'Bad Request', message: '"sha" is required' })
    if (query['environmentUrl'] !== undefined && !URL.canParse(query['environmentUrl']))
      return json(400, {
        statusCode: 400,
        error: 'Bad Request',
        message: '"environmentUrl" must be a valid uri',
      })
    if (state.countWithin('runs', 60_000) > 10)
      return {
        ...json(429, { statusCode: 429, error: 'Too Many Requests' }),
        headers: { 'retry-after': '6' },
      }
    const hasFailures = state.start(request).status === 'failed'
    return json(hasFailures ? 503 : 200, { hasFailures, responseTime: 238.5946100000292 })
  },
}
