import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { found } from './redaction/found.ts'
import { databasePassword, needlesOf, plant } from './redaction/marks.ts'
import { newSchema, query } from './stores/postgres-fixture.ts'
import { temporaryFolder } from './stores/temporary.ts'
import { everyTarget } from './targets/every-target.ts'

interface Secrets {
  /** By place. */
  readonly planted: readonly (readonly [place: string, secret: string])[]
  readonly signatures: readonly string[]
  readonly keyLines: readonly string[]
  /** Places where a secret was given by mistake. */
  readonly taken: readonly string[]
  readonly refused: readonly string[]
  readonly targets: readonly string[]
}

/** Of a role with a password that is looked for. */
async function newDatabase(schema: string): Promise<string> {
  const role = `${schema}_role`
  const password = databasePassword.replaceAll("'", "''")
  await query(
    `CREATE ROLE ${role} LOGIN PASSWORD E'${password.replaceAll('\\', String.raw`\\`)}'; GRANT CREATE ON DATABASE postgres TO ${role}`,
  )
  onTestFinished(() => query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`).then(() => undefined))
  const url = new URL(inject('postgres'))
  url.username = role
  url.password = encodeURIComponent(databasePassword)
  return url.href
}

/** All rows of all tables of these schemas, as text. */
async function dumpOf(schema: string): Promise<Buffer> {
  const { rows } = await query(
    `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables
     WHERE schemaname IN ('${schema}', '${schema}_pgboss')`,
  )
  const names = (rows as readonly { readonly name: string }[]).map(({ name }) => name)
  expect(names.length).toBeGreaterThan(10)
  const dumps: string[] = []
  for (const name of names) {
    const table = await query(`SELECT t::text AS row FROM ${name} t`)
    dumps.push(name, ...(table.rows as readonly { readonly row: string }[]).map(({ row }) => row))
  }
  return Buffer.from(dumps.join('\n'))
}

const isOfSqlite = /^store\.db|\.copy/u

/** Places of which receivers or the proxy are told, so that they can tell of them. */
const toldToReceivers =
  /^(?!passphrase|error of|password of Postgres|.*(?:environment|not declared|of a verifier|of a (?:former )?standard|of a sender|for explain|of a signature|of a body))/u

describe.each(['got', 'undici'])('over %s, with receivers and a proxy that tell all they know', (kind) => {
  it('no secret and no signature is in anything that the library says, prints, shows or keeps', async () => {
    await using folder = await temporaryFolder()
    const schema = newSchema()
    const script = fileURLToPath(new URL('redaction/process.ts', import.meta.url))
    const traced = new URL('traces/instrumented.ts', import.meta.url).href
    const given = [kind, folder.path, await newDatabase(schema), schema]
    const child = spawn(process.execPath, ['--import', traced, script, ...given], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const [stdout, stderr, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number]>,
    ])
    expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, ''])

    const names = await readdir(folder.path)
    const contents = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder.path, name))] as const)),
    )
    const received = contents.get('received.txt') ?? Buffer.alloc(0)
    const secrets = JSON.parse(contents.get('secrets.json')?.toString() ?? '') as Secrets
    contents.delete('received.txt')
    contents.delete('secrets.json')
    const outputs = new Map([
      ...contents,
      ['stdout', Buffer.from(stdout)],
      ['stderr', Buffer.from(stderr)],
      ['tables in PostgreSQL', await dumpOf(schema)],
    ])
    const sought = (shortest?: number): ReadonlyMap<string, readonly string[]> =>
      new Map([
        ...secrets.planted.map(([place, secret]) => [place, needlesOf(secret, shortest)] as const),
        ['client key', secrets.keyLines],
        ['signature', secrets.signatures.map((signature) => signature.slice(0, 16))],
      ])
    const [files, texts] = [true, false].map(
      (isFile) => new Map([...outputs].filter(([name]) => isOfSqlite.test(name) === isFile)),
    ) as [typeof outputs, typeof outputs]
    expect(files.size).toBeGreaterThan(9)
    expect([...found(texts, sought()), ...found(files, sought(5))]).toEqual([])

    // It was all there to be told.
    const mistaken = new Set([...secrets.taken, ...secrets.refused])
    const sent = secrets.planted.map(([place]) => place).filter((place) => !mistaken.has(place))
    const got = new Set(
      found(new Map([['received', received]]), sought()).map((hit) => hit.replace(/ in received: .*/su, '')),
    )
    expect(sent.filter((place) => toldToReceivers.test(place) && !got.has(place))).toEqual([])
    expect(sent.length).toBeGreaterThan(40)
    expect(mistaken.size).toBeGreaterThan(100)
    expect(secrets.taken).toEqual([])
    expect(outputs.get('tables in PostgreSQL')?.toString()).toMatch(/\.hook_names\n\([^\n]+,http:[^\n]+\n/u)
    expect(outputs.get('store.db')?.includes('hook_names')).toBe(true)
    expect(secrets.targets).toEqual([...Object.keys(everyTarget('http://127.0.0.1')), 'own'])
    expect(secrets.signatures.length).toBeGreaterThan(100)
    expect(secrets.keyLines.length).toBeGreaterThan(2)
    const told = outputs.get('told.txt')?.toString() ?? ''
    expect(told.split('[masked]').length).toBeGreaterThan(1000)
    for (const status of [200, 401, 410, 500]) expect(told).toContain(`status: ${status}`)
    for (const code of ['ECONNREFUSED', 'EGRESS_METADATA', 'EGRESS_PRIVATE', 'ENOTFOUND'])
      expect(told).toContain(`'${code}'`)
    for (const event of [
      'attempt',
      'accepted',
      'delivered',
      'retrying',
      'dead',
      'breaker',
      'hook-disabled',
      'hook-enabled',
    ])
      for (const heard of ['event', 'channel']) expect(told).toContain(`${heard} ${event}: `)
    for (const miss of [
      'own-parameters',
      'secret-quotes',
      'basic-credentials',
      'secret-as-text',
      'other-secret',
    ])
      expect(told).toContain(`- ${miss}: `)
    expect(told).toContain('HookVerificationError')
    const traces = outputs.get('traces.json')?.toString() ?? ''
    expect(traces).toContain('/of-the-host')
    expect(traces).toContain('http.client.request.duration')
    expect(stderr).toContain('DeployHooksWarning')
    for (const thrown of ['An answer could not be read by its target', 'A target could make no request'])
      expect(stderr).toContain(thrown)
    expect(stdout).toBe('')
    expect([...outputs.keys()]).toContain('direct.copy-wal')
    for (const where of ['direct.copy-wal', 'store.db', 'tables in PostgreSQL'])
      expect(outputs.get(where)?.toString('latin1')).toContain('[masked]')
  }, 300_000)
})

describe('what is looked for', () => {
  it.each([
    ['as it is', (secret: string) => secret],
    ['cut off', (secret: string) => secret.slice(0, 4)],
    ['percent-encoded', (secret: string) => Buffer.from(secret).toString('hex').replaceAll(/../gu, '%$&')],
    ['in upper case', (secret: string) => secret.toUpperCase()],
    ['in hexadecimal', (secret: string) => Buffer.from(secret).toString('hex')],
    ['in base64', (secret: string) => Buffer.from(secret).toString('base64')],
    ['in base64 behind a byte', (secret: string) => Buffer.from(`x${secret}`).toString('base64')],
    ['in base64 behind two', (secret: string) => Buffer.from(`xy${secret}`).toString('base64')],
  ])('is found %s, and told from any other', (_, spelled) => {
    const secrets = Array.from({ length: 200 }, (_unused, index) => plant(`any place, ${index}`))
    const needles = new Map(secrets.map((secret) => [secret, needlesOf(secret)]))
    for (const secret of secrets) {
      const output = new Map([['output', Buffer.from(`text ${spelled(secret)} text`)]])
      expect(found(output, needles).map((hit) => hit.slice(0, secret.length))).toEqual([secret])
    }
  })
})
