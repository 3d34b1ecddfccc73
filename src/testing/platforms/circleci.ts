import { json, jsonOf, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

const declared = new Set(['image_tag', 'deploy'])

/** `POST /api/v2/project/{slug}/pipeline` and `/pipeline/run`. Its configuration declares the parameters `image_tag` and `deploy`. */
export const circleci: PlatformRules = {
  credentials: {
    token: 'CCIPAT_5e01d7a2',
    project: 'gh/acme/web',
    definitionId: '2338d0ae-5541-4bbf-88a2-55e9f7281f80',
  },
  hookPath: ({ project = '' }) => `/api/v2/project/${project}`,
  answer(request, state) {
    const { token, project, definitionId } = state.credentials
    const { method, path, headers } = request
    if (headers['circle-token'] !== token) return json(401, { message: 'You must log in first.' })
    const root = `/api/v2/project/${project}/pipeline`
    if (method !== 'POST' || (path !== root && path !== `${root}/run`))
      return json(404, { message: 'Project not found' })
    const body = jsonOf(request)
    if (!isObject(body)) return json(400, { message: 'Unexpected end-of-input.' })
    const { parameters = {} } = body
    const given = Object.entries(isObject(parameters) ? parameters : {})
    if (given.length > 100 || given.some(([name, value]) => name.length > 128 || String(value).length > 512))
      return json(400, { message: 'Invalid parameters' })
    const unknown = given.find(([name]) => !declared.has(name))
    if (unknown !== undefined) return json(400, { message: `Unexpected argument(s): ${unknown[0]}` })
    if (path === root && 'branch' in body && 'tag' in body)
      return json(400, { message: 'branch and tag are mutually exclusive' })
    if (path !== root) {
      if (body['definition_id'] !== definitionId)
        return json(404, { message: 'Pipeline definition not found' })
      const { branch, tag } = (body['config'] ?? {}) as Readonly<Record<string, unknown>>
      if (branch === undefined && tag === undefined) return json(400, { message: 'config: branch or tag' })
    }
    const number = Number(state.start(request).id.replace('dp-', ''))
    const id = `5034460f-c7c4-4c43-9457-${String(number).padStart(12, '0')}`
    return json(201, { id, state: 'pending', number, created_at: '2026-11-21T12:00:00Z' })
  },
}
