import { json, type PlatformRules } from './platform.ts'

/** A protected topic: its messages in text, the token as Bearer. At most 60 requests at once. */
export const ntfy: PlatformRules = {
  credentials: { topic: 'deploys-9hPq2', token: 'tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2' },
  hookPath: ({ topic = '' }) => `/${topic}`,
  answer({ method, path, headers, body }, state) {
    if (method !== 'POST' && method !== 'PUT') return refusal(404, 40401, 'page not found')
    if (headers['authorization'] === undefined) return refusal(403, 40301, 'forbidden')
    if (headers['authorization'] !== `Bearer ${state.credentials['token']}`)
      return refusal(401, 40101, 'unauthorized')
    if (path !== `/${state.credentials['topic']}`) return refusal(403, 40301, 'forbidden')
    if (state.countWithin('requests', 300_000) > 60)
      return refusal(429, 42901, 'limit reached: too many requests')
    const message = {
      id: 'hwQ2YpKdmg',
      time: 1_795_262_400,
      event: 'message',
      topic: state.credentials['topic'],
      message: body,
    }
    return json(200, message)
  },
}

function refusal(http: number, code: number, error: string): ReturnType<typeof json> {
  return json(http, { code, http, error, link: 'https://ntfy.sh/docs/publish' })
}
