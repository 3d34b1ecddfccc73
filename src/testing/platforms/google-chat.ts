import { json, jsonOf, type PlatformAnswer, type PlatformRules } from './platform.ts'
import { isObject, isText } from './values.ts'

const mostBytes = 32_000
const replyOptions = new Set(['REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD', 'REPLY_MESSAGE_OR_FAIL'])

/** `POST /v1/spaces/{space}/messages?key=&token=`: the message's name and its thread. Errors as Google's APIs give them. */
export const googleChat: PlatformRules = {
  credentials: { space: 'AAAAdeploys', key: 'gc_key_5f0c1e9a7b', token: 'gc_token_3d2c4e6f8a' },
  hookPath: ({ space = '', key = '', token = '' }) =>
    `/v1/spaces/${space}/messages?key=${key}&token=${token}`,
  answer(request, state) {
    const { method, path, query, body } = request
    const { space = '', key, token } = state.credentials
    if (method !== 'POST' || path !== `/v1/spaces/${space}/messages`)
      return refusal(404, 'NOT_FOUND', 'Requested entity was not found.')
    if (query['key'] !== key)
      return refusal(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.')
    if (query['token'] !== token)
      return refusal(403, 'PERMISSION_DENIED', 'The caller does not have permission')
    if (state.countWithin('messages', 5000) > 5)
      return refusal(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).')
    const message = jsonOf(request)
    if (!isObject(message)) return refusal(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.')
    if (Buffer.byteLength(body) > mostBytes)
      return refusal(400, 'INVALID_ARGUMENT', 'Message exceeds the maximum size of 32000 bytes.')
    const { text, cardsV2 = [] } = message
    if (!areCards(cardsV2)) return refusal(400, 'INVALID_ARGUMENT', "Invalid value at 'message.cards_v2'.")
    if (!isText(text, mostBytes) && cardsV2.length === 0)
      return refusal(400, 'INVALID_ARGUMENT', 'Message cannot be empty.')
    const thread = threadOf(message['thread'])
    if (thread === undefined)
      return refusal(400, 'INVALID_ARGUMENT', 'Thread key must be at most 4000 characters.')
    const { id } = state.start(request)
    const isReply = replyOptions.has(query['messageReplyOption'] ?? '') && thread !== ''
    return json(200, {
      name: `spaces/${space}/messages/${id}`,
      thread: { name: `spaces/${space}/threads/${isReply ? thread : id}` },
    })
  },
}

function refusal(code: number, status: string, message: string): PlatformAnswer {
  return json(code, { error: { code, message, status } })
}

/** Empty for none, `undefined` for a bad one. */
function threadOf(thread: unknown): string | undefined {
  if (thread === undefined) return ''
  if (!isObject(thread)) return undefined
  const { threadKey = '' } = thread
  return threadKey === '' || isText(threadKey, 4000) ? threadKey : undefined
}

function areCards(cards: unknown): cards is readonly object[] {
  return Array.isArray(cards) && cards.every((each) => isObject(each) && isCard(each['card']))
}

function isCard(card: unknown): boolean {
  const sections = isObject(card) ? card['sections'] : undefined
  return Array.isArray(sections) && sections.length > 0 && sections.every(isSection)
}

function isSection(section: unknown): boolean {
  const widgets = isObject(section) ? section['widgets'] : undefined
  return Array.isArray(widgets) && widgets.length > 0 && widgets.length <= 100 && widgets.every(isWidget)
}

function isWidget(widget: unknown): boolean {
  return isObject(widget) && Object.keys(widget).length === 1
}
