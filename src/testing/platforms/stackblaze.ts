import { json, type PlatformRules } from './platform.ts'

/**
 * `POST /deploy-hooks/{token}?branch=&clear_cache=`, or `/v1/hooks/{token}`, and `GET /deployments/{id}` beside it. At most 10 deploys a
 * minute. A question needs no API key; a wrong one is refused.
 */
export const stackblaze: PlatformRules = {
  credentials: { token: 'sb_hook_5f0c1e9a7b', apiKey: 'sb_live_0d4c2b8e6f' },
  hookPath: ({ token = '' }) => `/deploy-hooks/${token}`,
  statuses: {
    succeeded: ['queued', 'building', 'deploying', 'succeeded'],
    failed: ['queued', 'building', 'failed'],
  },
  answer(request, state) {
    const { method, path, query, headers } = request
    const { token, apiKey } = state.credentials
    const id = /^\/deployments\/([^/]+)$/u.exec(path)?.[1]
    if (method === 'GET' && id !== undefined) {
      const { authorization = `Bearer ${apiKey}` } = headers
      if (authorization !== `Bearer ${apiKey}`) return json(401, { error: 'Invalid API key' })
      const deployment = state.ask(id)
      if (deployment === undefined) return json(404, { error: 'Deployment not found' })
      return json(200, { deploymentId: id, status: deployment.status })
    }
    if (method !== 'POST') return json(405, { error: 'Method not allowed' })
    const isShort = path === `/v1/hooks/${token}`
    if (!isShort && path !== `/deploy-hooks/${token}`)
      return json(401, { error: 'Invalid deploy hook token' })
    if (state.countWithin('deploys', 60_000) > 10)
      return { ...json(429, { error: 'Too many requests' }), headers: { 'retry-after': '6' } }
    const deployment = state.start(request)
    if (isShort) {
      const message = 'Deploy queued successfully'
      return json(202, { status: deployment.status, deployment_id: deployment.id, message })
    }
    return json(202, {
      deploymentId: deployment.id,
      service: 'web',
      status: deployment.status,
      branch: query['branch'] ?? 'main',
      dashboardUrl: `${state.origin}/services/web/deployments/${deployment.id}`,
    })
  },
}
