import { json, type PlatformRules } from './platform.ts'

/** `POST /api/v4/projects/{id}/trigger/pipeline`, a form, and `GET /api/v4/projects/{id}/pipelines/{id}` with an access token. */
export const gitlab: PlatformRules = {
  credentials: { token: 'glptt-4b9a0c7de1', accessToken: 'glpat-77Xc2mNq', project: 'acme/web', ref: 'main' },
  hookPath: ({ project = '' }) => `/api/v4/projects/${encodeURIComponent(project)}`,
  statuses: {
    succeeded: ['created', 'pending', 'running', 'success'],
    failed: ['created', 'pending', 'running', 'failed'],
  },
  answer(request, state) {
    const { method, path, headers, body } = request
    const { token, accessToken, project = '', ref } = state.credentials
    const root = `/api/v4/projects/${encodeURIComponent(project)}`
    const id = /^\/pipelines\/(\d+)$/u.exec(path.slice(root.length))?.[1]
    if (!path.startsWith(`${root}/`)) return json(404, { message: '404 Project Not Found' })
    if (method === 'GET' && id !== undefined) {
      if (headers['private-token'] !== accessToken) return json(401, { message: '401 Unauthorized' })
      const pipeline = state.ask(`dp-${id}`)
      if (pipeline === undefined) return json(404, { message: '404 Not found' })
      return json(200, {
        id: Number(id),
        status: pipeline.status,
        web_url: pageOf(state.origin, project, id),
      })
    }
    if (method !== 'POST' || path !== `${root}/trigger/pipeline`) return json(404, { error: '404 Not Found' })
    const form = new URLSearchParams(body)
    const missing = ['ref', 'token'].filter((name) => !form.has(name)).map((name) => `${name} is missing`)
    if (missing.length > 0) return json(400, { error: missing.join(', ') })
    if (form.get('token') !== token) return json(404, { message: '404 Not Found' })
    if (form.get('ref') !== ref) return json(400, { message: { base: ['Reference not found'] } })
    const names = Array.from(form.keys()).filter((name) => name !== 'ref' && name !== 'token')
    if (names.some((name) => !/^variables\[\w+\]$/u.test(name)))
      return json(400, { error: 'variables is invalid' })
    const pipeline = state.start(request)
    const number = pipeline.id.replace('dp-', '')
    return json(201, {
      id: Number(number),
      ref,
      status: pipeline.status,
      web_url: pageOf(state.origin, project, number),
    })
  },
}

function pageOf(origin: string, project: string, id: string): string {
  return `${origin}/${project}/-/pipelines/${id}`
}
