import { jsonOf, text, type PlatformRules } from './platform.ts'
import { areBlocks } from './slack-blocks.ts'
import { isObject } from './values.ts'

/**
 * `POST /services/T…/B…/{token}`. Errors are plain text, as Slack's are: `invalid_payload`, `no_text`, `invalid_blocks`,
 * `too_many_attachments`, `no_service`. One message a second in the long run, five at once.
 */
export const slack: PlatformRules = {
  credentials: { team: 'T00000000', service: 'B00000000', token: 'xoxhook5f0c1e9a7b3d2c4e' },
  hookPath: ({ team = '', service = '', token = '' }) => `/services/${team}/${service}/${token}`,
  answer(request, state) {
    const { method, path, headers } = request
    if (path !== slack.hookPath(state.credentials)) return text(404, 'no_service')
    if (method !== 'POST') return text(405, 'method_not_allowed')
    if (state.countWithin('messages', 5000) > 5) return text(429, 'rate_limited', { 'retry-after': '1' })
    const payload = jsonOf(request)
    if (headers['content-type']?.startsWith('application/json') !== true || !isObject(payload))
      return text(400, 'invalid_payload')
    const { text: shown, blocks, attachments } = payload
    if (shown !== undefined && (typeof shown !== 'string' || !shown.isWellFormed()))
      return text(400, 'invalid_payload')
    if (attachments !== undefined && !Array.isArray(attachments)) return text(400, 'invalid_payload')
    if (Array.isArray(attachments) && attachments.length > 100) return text(400, 'too_many_attachments')
    if (blocks !== undefined && !areBlocks(blocks)) return text(400, 'invalid_blocks')
    if ((shown ?? '').trim() === '' && blocks === undefined && attachments === undefined)
      return text(400, 'no_text')
    if ((shown ?? '').length > 40_000) return text(400, 'msg_too_long')
    return text(200, 'ok')
  },
}
