import { json, text, type PlatformRules } from './platform.ts'

/** `GET` or `POST /deploy/{service}?key=&ref=&imgURL=`, and the API beside it. Only the tag of an image may differ from the service's. */
export const render: PlatformRules = {
  credentials: { service: 'srv-madeup0web1', key: 'rk_3Vb8Lx5Te', apiKey: 'rnd_6Yw1Zc9Qm3Xo' },
  hookPath: ({ service = '', key = '' }) => `/deploy/${service}?key=${key}`,
  statuses: {
    succeeded: [
      'created',
      'queued',
      'build_in_progress',
      'pre_deploy_in_progress',
      'update_in_progress',
      'live',
    ],
    failed: ['created', 'build_in_progress', 'build_failed'],
  },
  answer(request, state) {
    const { method, path, query, headers } = request
    const { service, key, apiKey } = state.credentials
    const [, of, id] = /^\/v1\/services\/([^/]+)\/deploys\/([^/]+)$/u.exec(path) ?? []
    if (method === 'GET' && of === service && id !== undefined) {
      if (headers['authorization'] !== `Bearer ${apiKey}`) return json(401, { message: 'Unauthorized' })
      const deployment = state.ask(id)
      if (deployment === undefined) return json(404, { message: 'deploy not found' })
      return json(200, { id, status: deployment.status, trigger: 'deploy_hook' })
    }
    if (path !== `/deploy/${service}`) return text(404, 'Not Found')
    if (query['key'] !== key) return text(401, 'Unauthorized')
    const { imgURL } = query
    if (imgURL !== undefined && !/^docker\.io\/library\/nginx[:@]/u.test(imgURL))
      return json(400, { message: "imgURL must match the service's image" })
    return json(200, { deploy: { id: state.start(request).id } })
  },
}
