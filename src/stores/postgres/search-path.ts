/**
 * Where a name without a schema is looked for. With the default, `"$user", public`, it may be what any role has made that may create
 * in `public`, as all may up to PostgreSQL 14: a function or operator there whose parameters fit better than those of PostgreSQL's own
 * is called instead, by the role of a worker, or the one who migrates. `pg_temp` stands last, since it comes first when it is not named.
 */
const path = 'pg_catalog, pg_temp'

/** For the transaction that has begun. */
export const fixedPath: string = `SET LOCAL search_path = ${path}`

/** For a session, as a server takes it when a connection is made. */
const startupOption = `-c search_path=${path.replace(' ', '')}`

/**
 * A connection string and options of `pg` with which each connection has the path. What the connection string or the environment says
 * of other settings stays.
 */
export function withFixedPath(
  connectionString: string,
  environment: string | undefined = process.env['PGOPTIONS'],
): { readonly connectionString: string; readonly options: string } {
  const question = connectionString.indexOf('?')
  const query = new URLSearchParams(question === -1 ? '' : connectionString.slice(question))
  const given = query.getAll('options').at(-1)
  const options = [given ?? environment ?? '', startupOption].join(' ').trimStart()
  if (given === undefined) return { connectionString, options }
  // `pg` takes what the string says, and the last of it, rather than the option beside it.
  return { connectionString: `${connectionString}&options=${encodedOptions(options)}`, options }
}

/** `pg` escapes a string again that holds blanks, and then reads back no escape that has a letter. */
function encodedOptions(options: string): string {
  return encodeURIComponent(options).replaceAll('%20', '+').replaceAll('%3D', '=').replaceAll('%2C', ',')
}

/** In a transaction of the caller's the search path stays the caller's, so operators and types are named in full too. */
export const equals = 'OPERATOR(pg_catalog.=)'
export const differs = 'OPERATOR(pg_catalog.<>)'
