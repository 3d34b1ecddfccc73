import { json, jsonOf, type PlatformAnswer, type PlatformRequest, type PlatformRules } from './platform.ts'

const states = new Set(['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'])

/** `/repos/{owner}/{name}`: `POST dispatches`, `POST deployments` and `POST deployments/{id}/statuses`. */
export const github: PlatformRules = {
  credentials: { token: 'ghp_0vJk3mQ8xWz', repository: 'acme/web' },
  hookPath: ({ repository = '' }) => `/repos/${repository}`,
  answer(request, state) {
    const { token, repository } = state.credentials
    const { method, path, headers } = request
    if (headers['user-agent'] === undefined) return refusal(403, 'Request forbidden by administrative rules.')
    if (headers['authorization'] !== `Bearer ${token}`) return refusal(401, 'Bad credentials')
    const root = `/repos/${repository}`
    if (method !== 'POST' || !path.startsWith(`${root}/`)) return refusal(404, 'Not Found')
    const body = jsonOf(request)
    if (!isObject(body)) return refusal(400, 'Problems parsing JSON')
    const route = path.slice(root.length)
    if (route === '/dispatches') return dispatched(body)
    if (route === '/deployments') return deployed(body, () => state.start(request).id.replace('dp-', ''))
    const id = /^\/deployments\/(\d+)\/statuses$/u.exec(route)?.[1]
    if (id === undefined || state.ask(`dp-${id}`) === undefined) return refusal(404, 'Not Found')
    return statusSet(body, request)
  },
}

function dispatched({ event_type: type, client_payload: payload = {} }: Fields): PlatformAnswer {
  if (typeof type !== 'string' || type === '' || type.length > 100)
    return refusal(422, 'Invalid request.\n\n"event_type" wasn\'t supplied.')
  if (!isObject(payload)) return refusal(422, 'Invalid request.')
  const count = Object.keys(payload).length
  if (count > 10)
    return refusal(422, `Invalid request.\n\nNo more than 10 properties are allowed; ${count} were supplied.`)
  if (Buffer.byteLength(JSON.stringify(payload)) >= 64 * 1024)
    return refusal(422, 'client_payload is too large.')
  return { status: 204 }
}

function deployed(body: Fields, start: () => string): PlatformAnswer {
  const { ref, description = '', environment = 'production' } = body
  if (typeof ref !== 'string' || ref === '')
    return refusal(422, 'Invalid request.\n\n"ref" wasn\'t supplied.')
  if (!isWithin(description, 140) || !isWithin(environment, 255)) return refusal(422, 'Validation Failed')
  if (body['auto_merge'] !== false)
    return json(202, { message: `Auto-merged main into ${ref} on deployment.` })
  if (!Array.isArray(body['required_contexts'])) return refusal(409, 'Conflict: Commit status checks failed.')
  return json(201, { id: Number(start()), ref, environment, description, task: 'deploy' })
}

function statusSet({ state, description = '' }: Fields, { path }: PlatformRequest): PlatformAnswer {
  if (typeof state !== 'string' || !states.has(state) || !isWithin(description, 140))
    return refusal(422, 'Validation Failed')
  return json(201, { id: 1, state, description, deployment_url: path.replace('/statuses', '') })
}

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWithin(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length <= longest
}

function refusal(status: number, message: string): PlatformAnswer {
  return json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) })
}
