import { json, type PlatformRules } from './platform.ts'

/** `POST /v1/deploys`, with the project's key in a header or in the form. */
export const honeybadger: PlatformRules = {
  credentials: { apiKey: 'hbp_5f0c1e9a7b2d' },
  hookPath: () => '',
  answer({ method, path, headers, body }, { credentials }) {
    if (path !== '/v1/deploys' || method !== 'POST') return json(404, { error: 'Not found' })
    const form = new URLSearchParams(body)
    if ((headers['x-api-key'] ?? form.get('api_key')) !== credentials['apiKey'])
      return json(403, { error: 'Invalid API key' })
    const isForm = headers['content-type'] === 'application/x-www-form-urlencoded'
    if (!isForm || ![...form.keys()].every((name) => /^(?:api_key|deploy\[\w+\])$/u.test(name)))
      return json(422, { error: 'Unprocessable' })
    return json(201, { status: 'OK' })
  },
}
