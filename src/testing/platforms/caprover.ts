import { json, type PlatformRules } from './platform.ts'

const path = '/api/v2/user/apps/webhooks/triggerbuild'

/** `POST …/triggerbuild?namespace=&token=`: 200 for failures too. */
export const caprover: PlatformRules = {
  credentials: { namespace: 'captain', token: 'eyJhbGciOiJIUzI1NiJ9.cap_2c7f' },
  hookPath: ({ namespace = '', token = '' }) => `${path}?namespace=${namespace}&token=${token}`,
  answer(request, state) {
    const { method, query } = request
    if (method !== 'POST' || request.path !== path) return { status: 404, body: 'Not Found' }
    const { namespace, token } = state.credentials
    if (query['namespace'] !== namespace || query['token'] !== token)
      return json(200, { status: 1000, description: 'Error triggering a build', data: {} })
    state.start(request)
    return json(200, { status: 100, description: 'Build webhook has triggered', data: {} })
  },
}
