import { json, type PlatformAnswer, type PlatformRules, type PlatformState } from './platform.ts'

/** `GET /api/deploy-hook/{environment}/{secret}`, with a pull request and a commit for preview environments, and the API beside it. */
export const flightcontrol: PlatformRules = {
  credentials: {
    environment: 'cl3f0c1e9a7b0001',
    previewEnvironment: 'cl3f0c1e9a7b0002',
    secret: 'fc_hook_2a6b9e4d1c8f',
    apiKey: 'fc_key_7d1e5b3a90c2',
  },
  hookPath: ({ environment = '', secret = '' }) => `/api/deploy-hook/${environment}/${secret}`,
  statuses: {
    succeeded: [
      'PENDING',
      'PENDING_DEPENDENCY',
      'INPROGRESS',
      'BUILDING',
      'PROVISIONING',
      'DEPLOYING',
      'SUCCESS',
    ],
    failed: ['PENDING', 'INPROGRESS', 'BUILDING', 'DEPLOYING', 'DEPLOY_ERROR'],
  },
  answer(request, state) {
    const { method, path, query, headers } = request
    const id = /^\/v1\/deployments\/([^/]+)$/u.exec(path)?.[1]
    if (id !== undefined) return statusOf(id, headers['authorization'], state)
    if (method !== 'GET') return json(405, { success: false, error: 'Method not allowed' })
    const [, environment = '', secret, ...preview] =
      /^\/api\/deploy-hook\/([^/]+)\/([^/]+)(?:\/(\d+)\/([^/]+))?$/u.exec(path) ?? []
    const isPreview = preview.some((segment) => segment !== undefined)
    const known = state.credentials[isPreview ? 'previewEnvironment' : 'environment']
    if (environment !== known || secret !== state.credentials['secret'])
      return json(404, { success: false, error: 'Deploy hook not found' })
    if (query['commit'] !== undefined && query['branch'] === undefined)
      return json(400, { success: false, error: 'branch is required when commit is given' })
    // Documented as a text for environments, and as a boolean elsewhere.
    const success = isPreview ? true : 'true'
    return json(200, { success, deploymentId: state.start(request).id })
  },
}

function statusOf(id: string, authorization: string | undefined, state: PlatformState): PlatformAnswer {
  if (authorization !== `Bearer ${state.credentials['apiKey']}`) return json(401, { error: 'Unauthorized' })
  const deployment = state.ask(id)
  if (deployment === undefined) return json(404, { error: 'Deployment not found' })
  const { status } = deployment
  return json(200, {
    deploymentId: id,
    environmentGivenId: 'production',
    createdAt: '2023-01-09 22:10:02.381',
    status,
    serviceDeployments: [
      {
        service: { serviceGivenId: 'web', serviceDomain: 'https://web.example.com' },
        status,
        error: status.endsWith('ERROR') ? 'The health check failed' : null,
      },
    ],
  })
}
