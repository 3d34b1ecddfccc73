import { json, jsonOf, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

/** `POST /api/v2/dora/deployment`. */
export const datadog: PlatformRules = {
  credentials: { apiKey: 'dd_5f0c1e9a7b2d' },
  hookPath: () => '',
  answer(request, state) {
    const { method, path, headers } = request
    if (path !== '/api/v2/dora/deployment' || method !== 'POST') return json(404, { errors: ['Not found'] })
    if (headers['dd-api-key'] !== state.credentials['apiKey']) return json(403, { errors: ['Forbidden'] })
    const detail = faultOf(jsonOf(request))
    if (detail !== undefined) return json(400, { errors: [{ title: 'Generic Error', detail }] })
    const { id } = state.start(request)
    return json(200, { data: { id, type: 'dora_deployment' } })
  },
}

function faultOf(body: unknown): string | undefined {
  const data = isObject(body) ? body['data'] : undefined
  const attributes = isObject(data) ? data['attributes'] : undefined
  if (!isObject(attributes)) return 'missing data.attributes'
  const { id, service, started_at: started, finished_at: finished, git, custom_tags: tags = [] } = attributes
  if (typeof id === 'string' && !/^[\w.:-]{16,128}$/u.test(id)) return 'invalid id'
  if (typeof service !== 'string' || service === '') return 'missing service'
  if (!Number.isInteger(started) || !Number.isInteger(finished)) return 'invalid timestamp'
  if ((started as number) > (finished as number)) return 'started_at must be before finished_at'
  if (
    git !== undefined &&
    !/"commit_sha":"[\da-f]{40,64}","repository_url":"[^"]/iu.test(JSON.stringify(git))
  )
    return 'invalid git'
  const areTags =
    Array.isArray(tags) && tags.length <= 100 && tags.every((tag) => /^[^:]+:./su.test(String(tag)))
  return areTags ? undefined : 'invalid custom_tags'
}
