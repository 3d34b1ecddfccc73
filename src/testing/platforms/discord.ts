import { json, jsonOf, type PlatformAnswer, type PlatformRules } from './platform.ts'
import { isObject, isText } from './values.ts'

const limits = {
  content: 2000,
  title: 256,
  description: 4096,
  fields: 25,
  name: 256,
  value: 1024,
  embeds: 10,
}
const mostCharacters = 6000

/**
 * `POST /api/webhooks/{id}/{token}?wait=true`: 200 with the message, without `wait` 204. Discord's codes and errors by field; five
 * messages in two seconds.
 */
export const discord: PlatformRules = {
  credentials: { id: '1170000000000000001', token: 'dc_hook_5f0c1e9a7b3d2c4e' },
  hookPath: ({ id = '', token = '' }) => `/api/webhooks/${id}/${token}`,
  answer(request, state) {
    const { method, path, query, headers } = request
    const { id = '' } = state.credentials
    if (!path.startsWith(`/api/webhooks/${id}/`))
      return json(404, { message: 'Unknown Webhook', code: 10015 })
    if (path !== discord.hookPath(state.credentials))
      return json(401, { message: 'Invalid Webhook Token', code: 50027 })
    if (method !== 'POST') return json(405, { message: '405: Method Not Allowed', code: 0 })
    if (state.countWithin('messages', 2000) > 5) return rateLimited
    const payload = jsonOf(request)
    if (headers['content-type']?.startsWith('application/json') !== true || !isObject(payload))
      return json(400, { message: 'The request body contains invalid JSON.', code: 50109 })
    const { content, embeds = [] } = payload
    const errors = [
      ...(content === undefined || isText(content, limits.content) ? [] : ['content']),
      ...errorsOfEmbeds(embeds),
    ]
    if (errors.length > 0) return invalid(errors)
    if (content === undefined && Array.isArray(embeds) && embeds.length === 0)
      return json(400, { message: 'Cannot send an empty message', code: 50006 })
    const message = state.start(request)
    return query['wait'] === 'true'
      ? json(200, {
          id: message.id,
          type: 0,
          channel_id: '1170000000000000002',
          webhook_id: id,
          content,
          embeds,
        })
      : { status: 204 }
  },
}

const rateLimited: PlatformAnswer = {
  status: 429,
  headers: { 'retry-after': '1', 'x-ratelimit-scope': 'user' },
  body: { message: 'You are being rate limited.', retry_after: 0.4, global: false },
}

function invalid(paths: readonly string[]): PlatformAnswer {
  const error = { _errors: [{ code: 'BASE_TYPE_BAD_LENGTH', message: 'Must be fewer in length.' }] }
  const errors = Object.fromEntries(paths.map((path) => [path, error]))
  return json(400, { message: 'Invalid Form Body', code: 50035, errors })
}

function errorsOfEmbeds(embeds: unknown): readonly string[] {
  if (!Array.isArray(embeds) || embeds.length > limits.embeds) return ['embeds']
  const errors = embeds.flatMap((embed, index) => errorsOf(embed).map((path) => `embeds.${index}.${path}`))
  const isTooLong =
    errors.length === 0 && embeds.reduce((sum: number, each) => sum + sizeOf(each), 0) > mostCharacters
  return isTooLong ? ['embeds'] : errors
}

function errorsOf(embed: unknown): readonly string[] {
  if (!isObject(embed)) return ['']
  const { title, description, url, timestamp, fields = [] } = embed
  const areFields = Array.isArray(fields) && fields.length <= limits.fields && fields.every(isField)
  return [
    ...(title === undefined || isShown(title, limits.title) ? [] : ['title']),
    ...(description === undefined || isShown(description, limits.description) ? [] : ['description']),
    ...(url === undefined || (isText(url, 2048) && URL.canParse(url)) ? [] : ['url']),
    ...(timestamp === undefined || isTime(timestamp) ? [] : ['timestamp']),
    ...(areFields ? [] : ['fields']),
  ]
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}

function isField(field: unknown): boolean {
  return isObject(field) && isShown(field['name'], limits.name) && isShown(field['value'], limits.value)
}

function isShown(value: unknown, max: number): boolean {
  return isText(value, max) && value.trim() !== ''
}

/** Of an embed that has no errors. */
function sizeOf(embed: unknown): number {
  const {
    title = '',
    description = '',
    fields = [],
  } = embed as {
    readonly title?: string
    readonly description?: string
    readonly fields?: readonly { readonly name: string; readonly value: string }[]
  }
  return fields.reduce(
    (sum, { name, value }) => sum + name.length + value.length,
    title.length + description.length,
  )
}
