import { StoreError, type StoreErrorCode } from '../../errors.ts'

/** Where a query was when it went wrong: before anything was sent, or after. */
export type Phase = 'connecting' | 'asking'

type Meaning = readonly [code: StoreErrorCode, whatToDo: string]

const gone: Meaning = [
  'store_unavailable',
  'Expected a PostgreSQL server that can be reached. Ask again when it is there.',
]
const busy: Meaning = [
  'store_busy',
  'Expected an answer in time. Others hold locks, or the server is slow: ask again.',
]
const denied: Meaning = [
  'store_unavailable',
  'Expected a role that may log in and use this schema. Check the role, its password and its privileges.',
]
/** A certificate, a file that the connection string names, or a fault of the network that is seldom seen. */
const unreachable: Meaning = [
  'store_unavailable',
  'Expected a connection to PostgreSQL. Check the connection string, the certificates and the network.',
]
const missing: Meaning = [
  'store_unavailable',
  'Expected the tables of this store. Run `migrate()` of deploy-hooks/postgres, or open the store with `migrate: true`.',
]
const full: Meaning = [
  'store_full',
  'Expected free space on the disk of the server. What was recorded before stays.',
]

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html, a class of it, or a code of the system. */
const meanings: Readonly<Record<string, Meaning>> = {
  '08': gone,
  '57P01': gone,
  '57P02': gone,
  '57P03': gone,
  '57P05': gone,
  ECONNREFUSED: gone,
  ECONNRESET: gone,
  EPIPE: gone,
  ENOTFOUND: gone,
  EAI_AGAIN: gone,
  ETIMEDOUT: gone,
  EHOSTUNREACH: gone,
  ENETUNREACH: gone,
  ENOENT: gone, // of a socket file
  '28': denied,
  '42501': denied,
  ERR_INVALID_URL: [
    'store_unavailable',
    'Expected a connection string such as postgres://user@host/database. Percent-encode what is special in a user or password.',
  ],
  '3D000': ['store_unavailable', 'Expected a database that exists. Create it, or name another one.'],
  '42P01': missing,
  '42703': missing,
  '3F000': missing,
  '25006': [
    'store_read_only',
    'Expected a server that takes writes, got one that is read-only: a standby, perhaps while it takes over.',
  ],
  '40': busy,
  '55P03': busy,
  '57014': busy,
  '53': ['store_busy', 'Expected a server with room for one more connection. Ask again.'],
  '53100': full,
  '58030': [
    'store_io',
    'Expected the disk of the server to take what was written. Ask again: nothing is recorded twice.',
  ],
  XX001: ['store_corrupt', 'Expected sound tables. Keep the files, and start with a backup.'],
  XX002: ['store_corrupt', 'Expected sound indexes. REINDEX, or start with a backup.'],
}

const lost =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|server closed the connection|The server does not support SSL)/u

/**
 * Reads an error of `pg`'s. Words about data are left out, as they quote it; and those about a connection, which quote its role, database
 * and host: where a password holds a `/`, that is a part of it, and where another secret stands in its place, all of it.
 *
 * @param where what was asked, for the message: never a connection string
 */
export function storeErrorOf(error: unknown, phase: Phase, where: string): StoreError {
  if (error instanceof StoreError) return error
  const { message = '', code = '' } = error as { readonly message?: string; readonly code?: string }
  const [known, whatToDo] = meaningOf(code, message, phase)
  const said = wordsOf(code, message, phase)
  const open =
    phase === 'asking' && mayHaveHappened(known, code) ? ' What was asked for may have happened.' : ''
  return new StoreError(known, `${where}: ${whatToDo}${open}${said}`, { cause: { code } })
}

function wordsOf(code: string, message: string, phase: Phase): string {
  if (/^2[23]/u.test(code)) return ''
  if (phase === 'connecting') return code === '' ? '' : ` (${code})`
  return ` ${originOf(code)} says: ${message} (${code})`
}

function meaningOf(code: string, message: string, phase: Phase): Meaning {
  const exact = meanings[code] ?? (code.length === 5 ? meanings[code.slice(0, 2)] : undefined)
  if (exact !== undefined) return exact
  if (lost.test(message)) return gone
  if (message === 'timeout exceeded when trying to connect')
    return ['store_busy', 'Expected a free connection of the pool within 5 s. Give it more, or ask again.']
  if (phase === 'connecting') return message.startsWith('SASL') ? denied : unreachable
  if (/^(?:2[23]|54)/u.test(code))
    return ['store_failed', 'Expected values that the columns take, got others. Nothing of it has happened.']
  return ['store_failed', 'This is a defect: report it.']
}

function originOf(code: string): string {
  return /^[0-9A-Z]{5}$/u.test(code) && !/^E[A-Z]{4}$/u.test(code) ? 'PostgreSQL' : 'The connection'
}

/** An error of the server's undoes the statement; a connection that was lost tells nothing. */
function mayHaveHappened(known: StoreErrorCode, code: string): boolean {
  return known === 'store_unavailable' && !/^(?:28|42|3D|3F)/u.test(code)
}

/** SQLSTATE, or the system's code; empty when there was none. */
export function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string } }
  return cause?.code ?? ''
}

/** SQLSTATEs, and codes, of what is the same in a moment. */
const lasting = /^(?:28|42|3D|3F|MODULE$|ERR_INVALID_URL$)/u

/** Whether the same may do in a moment: the connection, a failover, or others that were in the way. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof StoreError)) return false
  const code = codeOf(error)
  if (code === '40001' || code === '40P01' || code === '25006') return true
  return error.code === 'store_unavailable' && !lasting.test(code)
}

/** Whether what was given is at fault, and not the database: also what is too long for an index, or too deep. */
export function isOfData(error: unknown): boolean {
  return /^(?:2[23]|54)/u.test(codeOf(error))
}

/** Whether the fault may be of some of the calls alone that were sent together: of their data, or of what others have locked. */
export function isOfSome(error: unknown): boolean {
  return isOfData(error) || isLocked(error)
}

/** Whether others held what it needed, for longer than it was to wait. */
export function isLocked(error: unknown): boolean {
  return codeOf(error) === '55P03'
}

export function closedError(): StoreError {
  return new StoreError(
    'store_closed',
    'The store is closed. Close the dispatchers that use it first, or create another one.',
  )
}
