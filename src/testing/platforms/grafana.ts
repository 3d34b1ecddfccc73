import { json, jsonOf, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

/** `POST /api/annotations`. Tags are counted as a JSON array of bytes, of which there may be 500. */
export const grafana: PlatformRules = {
  credentials: { token: 'glsa_5f0c1e9a7b2d' },
  hookPath: () => '',
  answer(request, state) {
    const { method, path, headers } = request
    if (path !== '/api/annotations' || method !== 'POST') return json(404, { message: 'Not found' })
    if (headers['authorization'] !== `Bearer ${state.credentials['token']}`)
      return json(401, { message: 'Invalid API key' })
    const body = jsonOf(request)
    if (!isObject(body)) return json(400, { message: 'bad request data' })
    const { text, tags = [], time } = body
    if (typeof text !== 'string' || text === '')
      return json(400, { message: 'Failed to save annotation', error: 'text field should not be empty' })
    if (!Array.isArray(tags) || !Number.isInteger(time)) return json(400, { message: 'bad request data' })
    if (Buffer.byteLength(JSON.stringify(tags)) > 500)
      return json(400, { message: 'Failed to save annotation', messageId: 'annotations.tag-limit-exceeded' })
    const { id } = state.start(request)
    return json(200, { message: 'Annotation added', id: Number(id.replace('dp-', '')) })
  },
}
