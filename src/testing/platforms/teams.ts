import { json, jsonOf, type PlatformAnswer, type PlatformRules } from './platform.ts'
import { isObject } from './values.ts'

const mostBytes = 28 * 1024
const cardType = 'application/vnd.microsoft.card.adaptive'

/** `POST /workflows/{id}/triggers/manual/paths/invoke?sig=`: 202, before the workflow posts the card. Errors as Power Automate gives them. */
export const teams: PlatformRules = {
  credentials: { workflow: '5f0c1e9a7b3d2c4e6f8a0b1c2d3e4f5a', signature: 'wf5f0c1e9a7b3d2c4eSignature' },
  hookPath: ({ workflow = '', signature = '' }) =>
    `${pathOf(workflow)}?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${signature}`,
  answer(request, { credentials }) {
    const { method, path, query, body } = request
    const { workflow = '', signature } = credentials
    if (path !== pathOf(workflow)) return refusal(404, 'WorkflowNotFound', 'The workflow could not be found.')
    if (query['sig'] !== signature)
      return refusal(
        401,
        'DirectApiAuthorizationRequired',
        'The request must be authenticated only by Shared Access scheme.',
      )
    if (method !== 'POST')
      return refusal(
        400,
        'TriggerRequestMethodNotValid',
        `The trigger expects the method POST, not ${method}.`,
      )
    if (Buffer.byteLength(body) > mostBytes)
      return refusal(413, 'RequestEntityTooLarge', 'The request entity is too large.')
    const payload = jsonOf(request)
    const attachments = isObject(payload) ? payload['attachments'] : undefined
    if (!Array.isArray(attachments) || attachments.length === 0 || !attachments.every(isCard))
      return refusal(
        400,
        'TriggerInputSchemaMismatch',
        "The input body for trigger 'manual' did not match its schema.",
      )
    return { status: 202, headers: { 'x-ms-workflow-run-id': '08584' } }
  },
}

function pathOf(workflow: string): string {
  return `/workflows/${workflow}/triggers/manual/paths/invoke`
}

function refusal(status: number, code: string, message: string): PlatformAnswer {
  return json(status, { error: { code, message } })
}

function isCard(attachment: unknown): boolean {
  if (!isObject(attachment) || attachment['contentType'] !== cardType) return false
  const { content } = attachment
  if (!isObject(content)) return false
  const { type, version, body, actions = [] } = content
  const isAdaptive = type === 'AdaptiveCard' && typeof version === 'string'
  return isAdaptive && areElements(body) && areElements(actions) && actions.length <= 6
}

function areElements(value: unknown): value is readonly object[] {
  return Array.isArray(value) && value.every((each) => isObject(each) && typeof each['type'] === 'string')
}
