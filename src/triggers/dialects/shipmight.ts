import { randomUUID } from 'node:crypto'
import { TriggerRefusal } from '../refusal.ts'
import { onlyQuery, plainStatuses, type Dialect, type Given } from './dialect.ts'
import { briefName } from '../brief-name.ts'

/** As Shipmight's source has it. */
const variableName = /^[A-Z][A-Z0-9_]{0,199}$/u
const longestValue = 200
const mostVariables = 100
/** https://github.com/distribution/reference: what a tag may be. */
const tagPattern = /^\w[\w.-]{0,127}$/u

/**
 * Shipmight's: `POST /api/v1/dh` with the token in `X-Deploy-Hook-Token`; `{imageTag}` for an app, `{instanceEnvironmentVariables}` for a job.
 * Answered 201 `{}`, 400 with what is wrong, 404 and 500. After its guide and its source.
 */
export const shipmight: Dialect = {
  method: 'POST',
  countsMerged: false,
  read: (given) => (given.trigger.settings.kind === 'job' ? runOf(given) : tagOf(given)),
  taken: () => ({ status: 201, json: {} }),
  status: ({ deployment }) => ({ status: 200, json: { status: plainStatuses[deployment.status] } }),
  refused,
}

/** Its guide knows 400, 404 and 500; what it has no status for keeps its own. */
function refused({ status, code, message, details }: TriggerRefusal): ReturnType<Dialect['refused']> {
  const isInvalid = code === 'params_invalid' || code === 'body_malformed'
  return {
    status: isInvalid ? 400 : status,
    json: {
      error: {
        name: isInvalid ? 'ValidationError' : (names[code] ?? 'Error'),
        message: code === 'trigger_unknown' ? 'Deploy hook was not found' : message,
        ...(isInvalid ? { errors: details.problems ?? [] } : undefined),
      },
      requestId: randomUUID(),
    },
  }
}

const names: Readonly<Record<string, string>> = {
  trigger_unknown: 'NotFoundError',
  failed: 'InternalServerError',
}

function tagOf({ body, query }: Given): ReturnType<Dialect['read']> {
  const { imageTag, ...others } = body ?? {}
  refuseOthers([...Object.keys(others), ...onlyQuery(query, [])])
  if (typeof imageTag !== 'string' || !tagPattern.test(imageTag))
    throw invalid('imageTag', 'Expected the tag of an image: letters, digits, `_`, `.` and `-`, 128 at most.')
  return { params: { imageTag }, tag: imageTag }
}

function runOf({ body, query }: Given): ReturnType<Dialect['read']> {
  const { instanceEnvironmentVariables: list = [], ...others } = body ?? {}
  refuseOthers([...Object.keys(others), ...onlyQuery(query, [])])
  if (!Array.isArray(list) || list.length > mostVariables)
    throw invalid('instanceEnvironmentVariables', `Expected a list of at most ${mostVariables}.`)
  for (const [index, each] of list.entries()) {
    const { name, value, ...more } = (each ?? {}) as Readonly<Record<string, unknown>>
    const path = `instanceEnvironmentVariables[${index}]`
    if (typeof name !== 'string' || !variableName.test(name))
      throw invalid(`${path}.name`, 'Expected capital letters, digits and `_`, a letter first, 200 at most.')
    if (typeof value !== 'string' || value.length > longestValue)
      throw invalid(`${path}.value`, `Expected a text of at most ${longestValue} characters.`)
    refuseOthers(Object.keys(more).map((key) => `${path}.${key}`))
  }
  return { params: { instanceEnvironmentVariables: list as unknown } }
}

function refuseOthers([first]: readonly string[]): void {
  if (first !== undefined) throw invalid(briefName(first), 'Expected nothing of this name.')
}

function invalid(path: string, message: string): TriggerRefusal {
  return new TriggerRefusal('params_invalid', { problems: [{ path, message }] })
}
