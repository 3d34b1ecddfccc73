import { json, jsonOf, type PlatformRules } from './platform.ts'

/** `POST /api/deploy/{token}` of an application that is built from the branch `main`, and `/api/deploy/{imageToken}` of an image. */
export const dokploy: PlatformRules = {
  credentials: {
    token: 'dk_refresh_Lq7wT2',
    imageToken: 'dk_refresh_Zb4nR9',
    disabledToken: 'dk_refresh_Hv1cE5',
  },
  hookPath: ({ token = '' }) => `/api/deploy/${token}`,
  answer(request, state) {
    const { method, path, headers } = request
    const { token, imageToken, disabledToken } = state.credentials
    if (headers['x-github-event'] === 'ping')
      return json(200, { message: 'Ping received, webhook is active' })
    const given = /^\/api\/deploy\/([^/]+)$/u.exec(path)?.[1]
    if (given === disabledToken)
      return json(400, { message: 'Automatic deployments are disabled for this application' })
    if (given !== token && given !== imageToken) return json(404, { message: 'Application Not Found' })
    if (method !== 'POST') return json(405, { message: 'Method Not Allowed' })
    const { ref } = (jsonOf(request) ?? {}) as { readonly ref?: unknown }
    const isMain = headers['x-github-event'] === 'push' && ref === 'refs/heads/main'
    if (given === token && !isMain) return json(301, { message: 'Branch Not Match' })
    state.start(request)
    return json(200, { message: 'Application deployed successfully' })
  },
}
