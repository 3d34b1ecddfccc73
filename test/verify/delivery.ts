import { createSigner, type SignatureAlgorithm } from '../../src/signing/hmac.ts'
import { parseHookUrl } from '../../src/signing/hook-url.ts'
import { urlOfRelease, type SignedRelease } from '../../src/signing/release-url.ts'
import type { Dialect } from '../../src/signing/dialect.ts'

/** What every test here signs with, unless the secret is the point. */
export const secret = 'Hasta la vista, baby.'

export const hookUrl = 'https://hooks.example.com/hooks/deploy'

export const release: SignedRelease = {
  app: 'secure-woodland',
  version: 'v4',
  user: 'gabrtv',
  sha: '35b3726',
  summary: 'gabrtv deployed 35b3726',
}

/** A request as the sender makes it, in the plain shape that every server's request can be made of. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly headers: { readonly host: string; readonly authorization: string }
}

export interface DeliveryOptions {
  readonly url?: string
  readonly secret?: string
  readonly algorithm?: SignatureAlgorithm
  readonly dialect?: Dialect
  readonly release?: SignedRelease
  /** The delivery's id, of one that sends again what was sent before. */
  readonly again?: string
  /** What is signed, made of what would be: for senders that get it wrong. */
  readonly signed?: (url: string) => string
  /** What arrives, made of what was sent: for whatever stands between. */
  readonly arrives?: (url: string) => string
}

/** A genuine delivery, or one that went wrong in the way that the options say. */
export function delivery(options: DeliveryOptions = {}): SentRequest {
  const { dialect = 'native', again, signed = same, arrives = same } = options
  const made = urlOfRelease(parseHookUrl(options.url ?? hookUrl), options.release ?? release, dialect, again)
  const url = made.signed
  const sent = new URL(made.sent)
  return {
    method: 'POST',
    url: arrives(`${sent.pathname}${sent.search}`),
    headers: {
      host: sent.host,
      authorization: signature(signed(url), options.secret, options.algorithm),
    },
  }
}

/** The signature of a message, as it stands in the header. */
export function signature(
  message: string,
  key: string = secret,
  algorithm: SignatureAlgorithm = 'sha256',
): string {
  return createSigner(key, algorithm)(message)
}

function same(url: string): string {
  return url
}
