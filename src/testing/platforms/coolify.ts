import {
  json,
  type PlatformAnswer,
  type PlatformRequest,
  type PlatformRules,
  type PlatformState,
} from './platform.ts'

/** `POST /api/v1/deploy?uuid=` of two applications and a service, or `?tag=web` for them all, and `GET /api/v1/deployments/{id}`. */
export const coolify: PlatformRules = {
  credentials: {
    token: '3|cool_4f8a1b6d9e2c',
    application: 'vgsco4o8s0',
    locked: 'locked0k4w',
    service: 'k8s4g0wwc8',
  },
  hookPath: ({ application = '' }) => `/api/v1/deploy?uuid=${application}&force=false`,
  statuses: {
    succeeded: ['queued', 'in_progress', 'finished'],
    failed: ['queued', 'in_progress', 'failed'],
  },
  answer(request, state) {
    const { method, path, headers, query } = request
    if (headers['authorization'] !== `Bearer ${state.credentials['token']}`)
      return json(401, { message: 'Unauthenticated.' })
    const id = /^\/api\/v1\/deployments\/([^/]+)$/u.exec(path)?.[1]
    if (method === 'GET' && id !== undefined) {
      const deployment = state.ask(id)
      if (deployment === undefined) return json(404, { message: 'Deployment not found.' })
      return json(200, { deployment_uuid: id, status: deployment.status })
    }
    if (path !== '/api/v1/deploy') return json(404, { message: 'Not found.' })
    if (method !== 'POST') return json(405, { message: 'This endpoint has changed to a POST request.' })
    const { uuid, tag } = query
    if (uuid !== undefined && tag !== undefined)
      return json(400, { message: 'You can only use uuid or tag, not both.' })
    if (tag !== undefined) return byTag(tag, request, state)
    return uuid === undefined
      ? json(400, { message: 'You must provide uuid or tag.' })
      : byUuid(uuid, request, state)
  },
}

function byUuid(uuids: string, request: PlatformRequest, state: PlatformState): PlatformAnswer {
  const { application, locked, service } = state.credentials
  const deployments = uuids.split(',').flatMap((uuid) => {
    const resource_uuid = uuid
    if (uuid === application)
      return [{ message: queued, resource_uuid, deployment_uuid: state.start(request).id }]
    if (uuid === locked) return [{ message: 'Unauthorized to deploy this application.', resource_uuid }]
    if (uuid === service) return [{ message: started, resource_uuid }]
    return []
  })
  return deployments.length === 0 ? json(404, { message: 'No resources found.' }) : json(200, { deployments })
}

function byTag(tags: string, request: PlatformRequest, state: PlatformState): PlatformAnswer {
  const names = tags.split(',').filter((name) => name === 'web' || name === 'empty')
  if (names.length === 0) return json(404, { message: 'No resources found with this tag.' })
  const isWeb = names.includes('web')
  const message = names.flatMap((name) =>
    name === 'web' ? [queued, started] : [`No resources found for tag ${name}.`],
  )
  const resource_uuid = state.credentials['application']
  const details = isWeb ? { details: [{ resource_uuid, deployment_uuid: state.start(request).id }] } : {}
  return json(200, { message, ...details })
}

const queued = 'Application web deployment queued.'
const started = 'Service blog started. It could take a while, be patient.'
