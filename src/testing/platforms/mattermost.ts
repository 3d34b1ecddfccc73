import { json, jsonOf, text, type PlatformAnswer, type PlatformRules } from './platform.ts'
import { isObject, isText } from './values.ts'

const textKeys = ['fallback', 'color', 'pretext', 'author_name', 'title', 'title_link', 'text', 'footer']
const longestProps = 800_000

/** `POST /hooks/{id}`: `ok`, or an error of Mattermost's with its id. */
export const mattermost: PlatformRules = {
  credentials: { id: 'mm5f0c1e9a7b3d2c4e6f8a0b1c' },
  hookPath: ({ id = '' }) => `/hooks/${id}`,
  answer(request, { credentials }) {
    const { method, path } = request
    if (method !== 'POST' || !path.startsWith('/hooks/'))
      return refusal(404, 'api.context.404.app_error', 'Sorry, we could not find the page.')
    if (path !== mattermost.hookPath(credentials))
      return refusal(400, 'web.incoming_webhook.invalid.app_error', 'Invalid webhook.')
    const payload = jsonOf(request)
    if (!isObject(payload) || !isPayload(payload))
      return refusal(
        400,
        'web.incoming_webhook.decode.app_error',
        'Could not decode the JSON payload of the incoming webhook.',
      )
    const { text: shown, attachments } = payload
    if (!isText(shown, longestProps) && !(Array.isArray(attachments) && attachments.length > 0))
      return refusal(400, 'web.incoming_webhook.text.app_error', 'No text specified.')
    if (JSON.stringify(attachments ?? []).length > longestProps)
      return refusal(400, 'web.incoming_webhook.split_props_length.app_error', 'Unable to split the props.')
    return text(200, 'ok')
  },
}

function refusal(status: number, id: string, message: string): PlatformAnswer {
  return json(status, {
    id,
    message,
    detailed_error: '',
    request_id: 'rq0000000000000000000000',
    status_code: status,
  })
}

function isPayload({ text: shown, attachments }: Readonly<Record<string, unknown>>): boolean {
  if (shown !== undefined && typeof shown !== 'string') return false
  return attachments === undefined || (Array.isArray(attachments) && attachments.every(isAttachment))
}

function isAttachment(attachment: unknown): boolean {
  if (!isObject(attachment)) return false
  const { fields } = attachment
  const areTexts = textKeys.every(
    (key) => attachment[key] === undefined || typeof attachment[key] === 'string',
  )
  return areTexts && (fields === undefined || (Array.isArray(fields) && fields.every(isField)))
}

function isField(field: unknown): boolean {
  return isObject(field) && typeof field['title'] === 'string'
}
