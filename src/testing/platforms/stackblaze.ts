import { json, type PlatformRules } from './platform.ts'

/** `POST /deploy-hooks/{token}?branch=&clear_cache=`, and `GET /deployments/{id}` beside it. At most 10 deploys a minute. */
export const stackblaze: PlatformRules = {
  credentials: { token: 'sb_hook_5f0c1e9a7b' },
  hookPath: ({ token = '' }) => `/deploy-hooks/${token}`,
  statuses: {
    succeeded: ['queued', 'building', 'deploying', 'succeeded'],
    failed: ['queued', 'building', 'failed'],
  },
  answer(request, state) {
    const { method, path, query } = request
    const id = /^\/deployments\/([^/]+)$/u.exec(path)?.[1]
    if (method === 'GET' && id !== undefined) {
      const deployment = state.ask(id)
      if (deployment === undefined) return json(404, { error: 'Deployment not found' })
      return json(200, { deploymentId: id, status: deployment.status })
    }
    if (method !== 'POST') return json(405, { error: 'Method not allowed' })
    if (path !== `/deploy-hooks/${state.credentials['token']}`)
      return json(401, { error: 'Invalid deploy hook token' })
    if (state.countWithin('deploys', 60_000) > 10)
      return { ...json(429, { error: 'Too many requests' }), headers: { 'retry-after': '6' } }
    const deployment = state.start(request)
    return json(202, {
      deploymentId: deployment.id,
      service: 'web',
      status: deployment.status,
      branch: query['branch'] ?? 'main',
      dashboardUrl: `${state.origin}/services/web/deployments/${deployment.id}`,
    })
  },
}
