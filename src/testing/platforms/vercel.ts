import { json, type PlatformRules } from './platform.ts'

/** `GET` or `POST /v1/integrations/deploy/{project}/{token}`. */
export const vercel: PlatformRules = {
  credentials: { project: 'prj_madeup0Web1Qx', token: 'vh_7Rk2Jm9Sd' },
  hookPath: ({ project = '', token = '' }) => `/v1/integrations/deploy/${project}/${token}`,
  answer(request, state) {
    const { method, path } = request
    const { project, token } = state.credentials
    if (path !== `/v1/integrations/deploy/${project}/${token}`)
      return json(404, { error: { code: 'not_found', message: 'The deploy hook was not found' } })
    if (method !== 'GET' && method !== 'POST')
      return json(405, { error: { code: 'method_unknown', message: 'The method is not allowed' } })
    const { id } = state.start(request)
    return json(201, { job: { id, state: 'PENDING', createdAt: 1_662_825_789_999 } })
  },
}
