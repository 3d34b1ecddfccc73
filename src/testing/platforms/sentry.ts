import { json, jsonOf, type PlatformAnswer, type PlatformRules, type PlatformState } from './platform.ts'
import { isObject } from './values.ts'

type Body = Readonly<Record<string, unknown>>

const notFound = json(404, { detail: 'The requested resource does not exist' })
const releases = new WeakMap<PlatformState, Set<string>>()

/** `POST /api/0/organizations/{organization}/releases/`, and `…/releases/{version}/deploys/` of a release that it knows. */
export const sentry: PlatformRules = {
  credentials: { token: 'sntrys_5f0c1e9a7b', organization: 'acme', project: 'web' },
  hookPath: () => '',
  answer(request, state) {
    const { token, organization, project } = state.credentials
    const { method, path, headers } = request
    const route = /^\/api\/0\/organizations\/([^/]+)\/releases(?:\/([^/]+)\/deploys)?(\/?)$/u.exec(path)
    if (route === null) return notFound
    const [, asked, version, slash] = route
    if (slash === '') return { status: 301, headers: { location: `${path}/` } }
    if (headers['authorization'] !== `Bearer ${token}`) return json(401, { detail: 'Invalid token' })
    if (asked !== organization) return notFound
    if (method !== 'POST') return json(405, { detail: `Method "${method}" not allowed.` })
    const body = jsonOf(request)
    if (!isObject(body)) return json(400, { detail: 'JSON parse error - Expecting value' })
    const known = releases.get(state) ?? new Set()
    releases.set(state, known)
    if (version === undefined) return released(body, project, known)
    return known.has(decoded(version)) ? deployed(body, state.start(request).id) : notFound
  },
}

/** Empty for what nobody can decode. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return ''
  }
}

function released(
  { version, projects, ref }: Body,
  project: string | undefined,
  known: Set<string>,
): PlatformAnswer {
  if (typeof version !== 'string' || version.trim() === '')
    return json(400, { version: ['This field may not be blank.'] })
  if (version.length > 200)
    return json(400, { version: ['Ensure this field has no more than 200 characters.'] })
  if (/[\r\n\f\t/\\]/u.test(version) || /^(?:\.{1,2}|latest)$/iu.test(version.trim()))
    return json(400, { version: [`Release with name ${version} is not allowed`] })
  if (typeof ref === 'string' && ref.length > 64)
    return json(400, { ref: ['Ensure this field has no more than 64 characters.'] })
  if (!Array.isArray(projects)) return json(400, { projects: ['This field is required.'] })
  if (projects.some((each) => each !== project)) return json(400, { projects: ['Invalid project slugs'] })
  const status = known.has(version) ? 208 : 201
  known.add(version.trim())
  return json(status, {
    version,
    dateCreated: '2026-11-21T12:00:00Z',
    projects: projects.map((slug) => ({ slug })),
  })
}

function deployed({ environment, name, url, dateFinished }: Body, id: string): PlatformAnswer {
  if (typeof environment !== 'string' || environment.trim() === '')
    return json(400, { environment: ['This field is required.'] })
  if (name === '') return json(400, { name: ['This field may not be blank.'] })
  if (/[\n\r\f/]/u.test(environment)) return json(400, { environment: ['Invalid environment name'] })
  for (const [field, value] of Object.entries({ environment, name }))
    if (typeof value === 'string' && value.length > 64)
      return json(400, { [field]: ['Ensure this field has no more than 64 characters.'] })
  if (typeof url === 'string' && !/^https?:\/\/(?:localhost|[^/]+\.[^/]+)/u.test(url))
    return json(400, { url: ['Enter a valid URL.'] })
  if (typeof dateFinished === 'string' && Number.isNaN(Date.parse(dateFinished)))
    return json(400, { dateFinished: ['Datetime has wrong format.'] })
  return json(201, { id, environment, name, url: url ?? null, dateStarted: null, dateFinished })
}
