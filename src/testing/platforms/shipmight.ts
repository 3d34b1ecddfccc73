import { json, jsonOf, type PlatformAnswer, type PlatformRequest, type PlatformRules } from './platform.ts'

/** `POST /api/v1/dh`, for an app (`imageTag`) as well as for a job (`instanceEnvironmentVariables`). */
export const shipmight: PlatformRules = {
  credentials: { token: 'sm_dh_9f3c1d7e_Xk2vQ8' },
  hookPath: () => '/api/v1/dh',
  answer(request, state) {
    const { method, path, headers } = request
    const token = headers['x-deploy-hook-token']
    if (method !== 'POST' || path !== '/api/v1/dh' || token !== state.credentials['token'])
      return json(404, {
        error: { name: 'NotFoundError', message: `endpoint ${method} ${path} not found` },
        requestId,
      })
    const error = errorOf(request)
    if (error !== undefined) return error
    state.start(request)
    return json(201, {})
  },
}

const requestId = 'req-5f0c1e9a'

function errorOf(request: PlatformRequest): PlatformAnswer | undefined {
  const body = jsonOf(request)
  if (!request.headers['content-type']?.startsWith('application/json') || !isRecord(body))
    return refused('/body', 'must be object')
  const { imageTag, instanceEnvironmentVariables: variables } = body
  if (variables === undefined)
    return typeof imageTag === 'string' && imageTag !== ''
      ? undefined
      : refused('/values/imageTag', 'must NOT have fewer than 1 characters')
  if (!Array.isArray(variables)) return refused('/values/instanceEnvironmentVariables', 'must be array')
  const wrong = variables.map(wrongIn).find((each) => each !== undefined)
  return wrong === undefined ? undefined : refused('/values/instanceEnvironmentVariables', wrong)
}

function wrongIn(variable: unknown): string | undefined {
  if (!isRecord(variable)) return 'must be object'
  const { name, value } = variable
  if (typeof name !== 'string' || typeof value !== 'string') return 'must be string'
  if (!/^[A-Z][A-Z0-9_]*$/u.test(name)) return 'must match pattern "^[A-Z][A-Z0-9_]*$"'
  const isLong = [name, value].some((text) => Array.from(text).length > 200)
  return isLong ? 'must NOT have more than 200 characters' : undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(path: string, message: string): PlatformAnswer {
  const error = { name: 'ValidationError', message: 'validation failed', errors: [{ path, message }] }
  return json(400, { error, requestId })
}
