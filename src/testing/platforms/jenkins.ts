import { json, jsonOf, text, type PlatformAnswer, type PlatformRules } from './platform.ts'

/**
 * A job of the Generic Webhook Trigger plugin, whose filter lets `app` through that is no `docs`, and `POST
 * /job/{folder}/job/{name}/buildWithParameters` of its `job`.
 */
export const jenkins: PlatformRules = {
  credentials: { token: 'gwt-6fa2b7c90d', user: 'releaser', apiToken: '11c3f00ba51d', job: 'deploys/web' },
  hookPath: () => '/generic-webhook-trigger/invoke',
  answer(request, state) {
    const { method, path, headers, query } = request
    const { token, user, apiToken, job = '' } = state.credentials
    if (path === '/generic-webhook-trigger/invoke') {
      const given = query['token'] ?? headers['token'] ?? headers['authorization']?.replace(/^Bearer /u, '')
      if (given !== token) {
        const end = given === undefined ? 'No token was supplied.\n' : 'A token was supplied.\n'
        return json(404, {
          jobs: null,
          message: `Did not find any jobs with GenericTrigger configured!\n${end}`,
        })
      }
      const body = jsonOf(request) as { readonly release?: { readonly app?: unknown } } | undefined
      const triggered = body?.release?.app !== 'docs'
      if (triggered) state.start(request)
      return json(200, { jobs: { deploy: triggered ? queued() : skipped() }, message: 'Triggered jobs.' })
    }
    if (headers['authorization'] !== `Basic ${Buffer.from(`${user}:${apiToken}`).toString('base64')}`)
      return page(401, 'Unauthorized')
    const named = job.split('/').map((name) => `/job/${name}`)
    if (path !== `${named.join('')}/buildWithParameters`) return page(404, 'Not Found')
    if (method !== 'POST') return page(405, 'Method Not Allowed')
    const { id } = state.start(request)
    return { status: 201, headers: { location: `${state.origin}/queue/item/${id.replace('dp-', '')}/` } }
  },
}

function queued(): object {
  return { regexpFilterExpression: '', triggered: true, resolvedVariables: {}, id: 20, url: 'queue/item/20/' }
}

function skipped(): object {
  return { regexpFilterExpression: '^(?!docs$)', triggered: false, resolvedVariables: {}, id: 0, url: '' }
}

function page(status: number, title: string): PlatformAnswer {
  return text(status, `<html><head><title>Error ${status} ${title}</title></head></html>`, {
    'content-type': 'text/html;charset=iso-8859-1',
  })
}
