import { json, type PlatformAnswer, type PlatformRules } from './platform.ts'

/** `/v1/suites/{id}/execute` and `/v1/suite-results/{id}`, with the API key in the query. Refusals are 200 with a `code` of `ERROR`. */
export const ghostInspector: PlatformRules = {
  credentials: { apiKey: '5d0c1ee8a7b94f', suite: '576419339022199f1828d539' },
  hookPath: ({ suite = '' }) => `/v1/suites/${suite}`,
  statuses: { succeeded: ['null', 'null', 'true'], failed: ['null', 'null', 'false'] },
  answer(request, state) {
    const { path, query } = request
    const { apiKey, suite } = state.credentials
    if (query['apiKey'] !== apiKey) return refusal('API key is invalid.')
    const id = /^\/v1\/suite-results\/([^/]+)\/?$/u.exec(path)?.[1]
    if (id !== undefined) {
      const result = state.ask(id)
      if (result === undefined) return refusal('Suite result not found.')
      return json(200, { code: 'SUCCESS', data: { _id: id, passing: JSON.parse(result.status) } })
    }
    if (path.replace(/\/$/u, '') !== `/v1/suites/${suite}/execute`) return refusal('Suite not found.')
    if (query['startUrl'] !== undefined && !URL.canParse(query['startUrl']))
      return refusal('startUrl is not a valid URL.')
    if (query['immediate'] !== '1') return refusal('This server has no patience: immediate=1.')
    return json(200, {
      code: 'SUCCESS',
      data: { _id: state.start(request).id, passing: null, startUrl: query['startUrl'] ?? null },
    })
  },
}

function refusal(message: string): PlatformAnswer {
  return json(200, { code: 'ERROR', errorType: 'VALIDATION_ERROR', message })
}
