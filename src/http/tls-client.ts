import { isIP } from 'node:net'
import tls, { type ConnectionOptions, type SecureContext, type TLSSocket } from 'node:tls'
import type { ConnectionPolicy, TlsOptions } from './transport.ts'

/** What the connections of one policy share, and no other's. */
interface Shared {
  /** Of the policy's own certificates and keys, which are parsed once. */
  readonly context: SecureContext | undefined
  /** By `host:port`. A resumed session skips the check of the certificate's names, so it must be the same host. */
  readonly sessions: Map<string, Buffer>
}

const sharedBy = new WeakMap<ConnectionPolicy, Shared>()

/**
 * Connects with TLS: over `socket`, or by itself. The receiver's certificate is always verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
 *
 * @throws when the policy's PEM texts cannot be read
 */
export function connectTls(
  policy: ConnectionPolicy,
  options: ConnectionOptions & { readonly host: string; readonly port: number },
): TLSSocket {
  let shared = sharedBy.get(policy)
  if (shared === undefined) {
    const context = policy.tls === undefined ? undefined : contextOf(policy.tls)
    shared = { context, sessions: new Map() }
    sharedBy.set(policy, shared)
  }
  const { context, sessions } = shared
  const { host, port } = options
  const key = `${host}:${port}`
  const session = sessions.get(key)
  const socket = tls.connect({
    ...options,
    // RFC 6066 section 3: no address, and no dot at the end.
    servername: isIP(host) === 0 ? host.replace(/\.$/u, '') : '',
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
    ...(context === undefined ? {} : { secureContext: context }),
    ...(session === undefined ? {} : { session }),
  })
  socket.on('session', (given: Buffer) => sessions.set(key, given))
  return socket
}

function contextOf({ ca, cert, key, passphrase }: TlsOptions): SecureContext {
  return tls.createSecureContext({
    ca: ca === undefined || typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca],
    cert,
    key,
    passphrase,
  })
}
