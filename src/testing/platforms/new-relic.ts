import { json, jsonOf, type PlatformAnswer, type PlatformRules } from './platform.ts'

interface Body {
  readonly query?: unknown
  readonly variables?: { readonly deployment?: Readonly<Record<string, unknown>> | undefined } | undefined
}

/** The mutation `changeTrackingCreateDeployment` of `POST /graphql`: failures are answered 200 too. */
export const newRelic: PlatformRules = {
  credentials: { apiKey: 'NRAK-5F0C1E9A7B2D', entityGuid: 'MXxBUE18QVBQTElDQVRJT058MQ' },
  hookPath: () => '',
  answer(request, state) {
    const { method, path, headers } = request
    const { apiKey, entityGuid } = state.credentials
    if (path !== '/graphql' || method !== 'POST') return json(404, { error: 'Not found' })
    if (headers['api-key'] !== apiKey)
      return json(401, { error: { message: 'The API key provided is invalid' } })
    const { query, variables } = (jsonOf(request) ?? {}) as Body
    if (typeof query !== 'string' || !query.includes('changeTrackingCreateDeployment'))
      return failure('Syntax error', 'BAD_USER_INPUT')
    const { version, entityGuid: guid, timestamp } = variables?.deployment ?? {}
    if (typeof version !== 'string' || version === '') return failure('Version is required', 'BAD_USER_INPUT')
    if (guid !== entityGuid) return failure('Entity not found', 'NOT_FOUND')
    if (!Number.isInteger(timestamp)) return failure('Invalid timestamp', 'BAD_USER_INPUT')
    const deploymentId = state.start(request).id
    return json(200, { data: { changeTrackingCreateDeployment: { deploymentId } } })
  },
}

function failure(message: string, errorClass: string): PlatformAnswer {
  const data = { changeTrackingCreateDeployment: null }
  return json(200, { data, errors: [{ message, extensions: { errorClass } }] })
}
