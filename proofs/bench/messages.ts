import { releaseUrl, signUrl } from 'deploy-hooks'
import { createReleases } from './releases.ts'

/** A genuine delivery to verify, and a webhook's body of the same size for the verifiers of webhooks. */
interface Message {
  /** About 200 bytes, as it was signed. */
  readonly url: string
  /** What the receiving server sees of the URL. */
  readonly path: string
  /** What a service behind a proxy gets. */
  readonly headers: Readonly<Record<string, string>>
  /** JSON, as long as the URL. */
  readonly body: string
}

export interface Messages {
  readonly hookUrl: string
  readonly secret: string
  readonly all: readonly Message[]
}

/** Different messages, all of one size. */
export function createMessages(count: number): Messages {
  const origin = 'https://hooks.example.com'
  const hookUrl = `${origin}/deploy`
  const secret = 'a secret of the usual length, of 43 characters'
  const next = createReleases('storefront')
  const all = Array.from({ length: count }, () => {
    const release = next()
    const url = releaseUrl(hookUrl, release)
    const headers = {
      host: 'hooks.example.com',
      'user-agent': 'deploy-hooks/1.0.0',
      'idempotency-key': '"dlv_0123456789abcdef0123456789abcdef"',
      authorization: signUrl(url, { secret }),
      'content-length': '0',
      'x-forwarded-for': '192.0.2.1',
    }
    return { url, path: url.slice(origin.length), headers, body: bodyOf(release, url.length) }
  })
  return { hookUrl, secret, all }
}

function bodyOf(facts: object, length: number): string {
  const unpadded = JSON.stringify({ ...facts, padding: '' })
  return JSON.stringify({ ...facts, padding: 'x'.repeat(Math.max(0, length - unpadded.length)) })
}
