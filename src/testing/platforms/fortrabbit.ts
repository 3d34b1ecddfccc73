import { json, type PlatformRules } from './platform.ts'

/**
 * The unique URL in both documented forms: the guide's, whose GET tells how the deployment stands, and the reference's
 * `POST /webhooks/environments/{environment}/deploy/{secret}`, which cannot be asked.
 */
export const fortrabbit: PlatformRules = {
  credentials: { environment: 'env-7c41d0', secret: 'fr_secret_b83e0f5a12' },
  hookPath: ({ secret = '' }) => `/deploy/${secret}`,
  statuses: {
    succeeded: ['PENDING', 'RUNNING', 'SUCCEEDED'],
    failed: ['PENDING', 'RUNNING', 'FAILED'],
  },
  answer(request, state) {
    const { method, path, headers } = request
    const { environment, secret } = state.credentials
    const isCurrent = path === `/webhooks/environments/${environment}/deploy/${secret}`
    if (!isCurrent && path !== `/deploy/${secret}`) return json(404, { error: 'Environment not found.' })
    if ((headers['user-agent'] ?? '') === '') return json(403, { error: 'User-Agent required.' })
    if (method === 'GET' && !isCurrent) {
      const asked = state.ask(state.deployments.at(-1)?.id ?? '')
      if (asked === undefined) return json(404, { error: 'Deployment not found.' })
      return json(200, { deployment: { id: asked.id, state: asked.status, createdAt: 1_676_567_890_000 } })
    }
    if (method !== 'POST') return json(405, { error: 'Method not allowed.' })
    const { id, status } = state.start(request)
    return json(
      200,
      isCurrent
        ? { data: { publicId: id } }
        : { deployment: { id, state: status, createdAt: 1_676_567_890_000 } },
    )
  },
}
