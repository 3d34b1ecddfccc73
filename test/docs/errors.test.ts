import { writeFileSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verdicts } from '../../src/delivery.ts'
import { HookVerificationError, type VerificationErrorCode } from '../../src/errors.ts'
import { createEgressGuard, messageOfCode } from '../../src/index.ts'
import { remoteStatuses } from '../../src/targets/remote.ts'
import { TriggerRefusal, type RefusalCode } from '../../src/triggers/refusal.ts'
import { advice as ofUrls } from '../../src/verify/explain/near-misses.ts'
import { advice as ofWebhooks } from '../../src/verify/standard/explain/near-misses.ts'
import { temporaryFolder, type TemporaryFolder } from '../stores/temporary.ts'
import { linesOf, outputOf, pages, programFolder, type ProgramFolder } from './blocks.ts'

const root = new URL('../../', import.meta.url)
const page = pages.get('docs/errors.md') ?? ''

interface Row {
  readonly code: string
  /** What stands behind it, without backticks around a whole cell. */
  readonly cells: readonly string[]
}

/** The rows of all tables below a heading. */
function rowsBelow(heading: string): readonly Row[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`)
  const [own = ''] = section.split('\n## ', 1)
  return Array.from(own.matchAll(/^\| `([^`]+)` \|(.*)\|$/gmu), ([, code = '', rest = '']) => ({
    code,
    cells: rest.split(' | ').map((cell) => cell.trim()),
  }))
}

function codesBelow(heading: string): readonly string[] {
  return rowsBelow(heading).map(({ code }) => code)
}

/** The members of a union of texts, as its source has them. */
async function membersOf(file: string, type: string): Promise<readonly string[]> {
  const text = await readFile(new URL(file, root), 'utf8')
  const [, union = ''] = new RegExp(`^export type ${type} =([^]*?)(?:\\n\\n|$(?![^]))`, 'mu').exec(text) ?? []
  const members = Array.from(union.matchAll(/'([^']+)'/gu), ([, member = '']) => member)
  expect(members, `of ${type}`).not.toEqual([])
  return members
}

function sorted(...lists: readonly (readonly string[])[]): readonly string[] {
  return lists.flat().toSorted()
}

describe('docs/errors.md', () => {
  it('names every code that is thrown, and no other', async () => {
    const configuration = await membersOf('src/errors.ts', 'ConfigurationErrorCode')
    expect(sorted(codesBelow('Configuration'))).toEqual(sorted(configuration))
    expect(sorted(codesBelow('Stores'))).toEqual(sorted(await membersOf('src/errors.ts', 'StoreErrorCode')))
    const others = await membersOf('src/errors.ts', 'DeployHookErrorCode')
    expect(sorted(codesBelow('Releases and replays'))).toEqual(sorted(others))
  })

  it('names every code that a verifier refuses with, and a receiver answers with, and its status', async () => {
    const handler = await readFile(new URL('src/verify/handler.ts', root), 'utf8')
    const answered = new Map(
      Array.from(handler.matchAll(/json\(\s*(\d{3}),\s*'(\w+)'/gu), ([, status = '', code = '']) => [
        code,
        status,
      ]),
    )
    expect(answered.size).toBe(2)
    const verification = await membersOf('src/errors.ts', 'VerificationErrorCode')
    const rows = rowsBelow('What verifiers refuse')
    expect(sorted(rows.map(({ code }) => code))).toEqual(sorted(verification, [...answered.keys()]))
    for (const { code, cells } of rows) {
      const status =
        answered.get(code) ?? String(new HookVerificationError(code as VerificationErrorCode).status)
      expect([code, cells[0]]).toEqual([code, status])
    }
  })

  it('names every near miss, with what is said of it', () => {
    for (const [heading, advice] of [
      ['Near misses of a signed URL', ofUrls],
      ['Near misses of a Standard Webhook', ofWebhooks],
    ] as const)
      expect(Object.fromEntries(rowsBelow(heading).map(({ code, cells }) => [code, cells[0]]))).toEqual(
        advice,
      )
  })

  it('names every code that a trigger refuses with, and its status', async () => {
    const rows = rowsBelow('What triggers refuse')
    expect(sorted(rows.map(({ code }) => code))).toEqual(
      sorted(await membersOf('src/triggers/refusal.ts', 'RefusalCode')),
    )
    for (const { code, cells } of rows)
      expect([code, cells[0]]).toEqual([code, String(new TriggerRefusal(code as RefusalCode).status)])
  })

  it('names every rule of the egress guard, with a URL that it is of', async () => {
    const rows = rowsBelow('What the egress guard refuses')
    const names = (await readdir(new URL('src/http/', root))).filter((name) => name.endsWith('.ts'))
    const sources = await Promise.all(
      names.map((name) => readFile(new URL(`src/http/${name}`, root), 'utf8')),
    )
    const rules = new Set(sources.flatMap((source) => source.match(/\bEGRESS_[A-Z_]+\b/gu) ?? []))
    expect(sorted(rows.map(({ code }) => code))).toEqual(sorted([...rules]))
    const guard = createEgressGuard({ ports: [80, 443, 3000], deny: ['denied.example'] })
    for (const { code, cells } of rows) {
      const came = cells[1]?.replaceAll('`', '') ?? ''
      const refusal =
        URL.canParse(came) && came.includes('//')
          ? guard.refusesUrl(new URL(came))
          : guard.refusesAddress(came, 'hooks.example.com')
      expect([came, refusal?.code]).toEqual([came, code])
    }
  })

  it('names every reason and every verdict of a delivery', async () => {
    const reasons = await membersOf('src/delivery.ts', 'Reason')
    const causes = await membersOf('src/http/transport.ts', 'FailureCause')
    const malformed = await membersOf('src/http/transport.ts', 'Malformed')
    const remote = remoteStatuses.map((status) => `remote-${status}`)
    expect(sorted(codesBelow('Reasons'))).toEqual(sorted(reasons, causes, malformed, remote))
    expect(sorted(codesBelow('Verdicts'))).toEqual(sorted(verdicts))
  })

  it('names every code of its own that an attempt can have', async () => {
    const folders = ['src/http/', 'src/dispatch/']
    const files = await Promise.all(
      folders.map(async (folder) =>
        (await readdir(new URL(folder, root), { recursive: true }))
          .filter((name) => name.endsWith('.ts'))
          .map((name) => `${folder}${name}`),
      ),
    )
    const sources = await Promise.all(files.flat().map((file) => readFile(new URL(file, root), 'utf8')))
    const text = sources.join('\n')
    const given = [
      /\bfail\('\w+', '([A-Z\d_]+)'/gu,
      /\bfailure\('\w+', '([A-Z\d_]+)'/gu,
      /\bhttp2Only = '(\w+)'/gu,
      /codeOf\(error, '(ERR_PROXY)'/gu,
    ].flatMap((pattern) => Array.from(text.matchAll(pattern), ([, code = '']) => code))
    expect(text).toContain('`PROXY_${status}`')
    expect(new Set(codesBelow('Codes of attempts'))).toEqual(new Set([...given, 'PROXY_…']))
    for (const { code } of rowsBelow('Codes of attempts').slice(0, 3))
      expect(messageOfCode(code.replace('…', '502'))).toBeDefined()
  })

  it('says of each code when it comes, and what to do', () => {
    const headings = Array.from(page.matchAll(/^## (.+)$/gmu), ([, heading = '']) => heading)
    expect(headings).toHaveLength(11)
    for (const heading of headings) {
      const rows = rowsBelow(heading)
      expect(rows.length, `below ${heading}`).toBeGreaterThan(4)
      const columns = rows[0]?.cells.length ?? 0
      const incomplete = rows.filter(({ cells }) => cells.length !== columns || cells.includes(''))
      expect(incomplete, `below ${heading}`).toEqual([])
    }
  })
})

describe('what came, as docs/errors.md has it', () => {
  let folder: ProgramFolder
  let files: TemporaryFolder
  beforeAll(async () => {
    folder = await programFolder()
    files = await temporaryFolder()
  })
  afterAll(async () => {
    await folder[Symbol.asyncDispose]()
    await files[Symbol.asyncDispose]()
  })

  it('is thrown with that code', async () => {
    const rows = ['Configuration', 'Releases and replays', 'Stores'].flatMap(rowsBelow)
    const calls = rows.flatMap(({ code, cells }) => {
      const [, call] = /^`(.*\(.*\).*)`$/u.exec(cells[1] ?? '') ?? []
      return call === undefined ? [] : [{ code, call }]
    })
    expect(calls.length).toBeGreaterThan(17)
    writeFileSync(files.file('text.db'), 'no database'.repeat(100))
    using foreign = new DatabaseSync(files.file('foreign.db'))
    foreign.exec('CREATE TABLE theirs (id)')
    const program = `
      import { createDispatcher, releaseUrl } from 'deploy-hooks'
      import { sqliteStore } from 'deploy-hooks/sqlite'
      import { createVerifier } from 'deploy-hooks/verify'
      const url = 'https://hooks.example.com/deploy'
      const release = { app: 'web', version: 4, user: 'gabrtv' }
      const options = { hooks: [url], secret: 'of-the-tests', workers: false }
      await using dispatcher = createDispatcher(options)
      const transaction = { query: async () => [] }
      const closed = createDispatcher(options)
      await closed.close()
      const closedStore = sqliteStore({ path: ${JSON.stringify(files.file('closed.db'))} })
      await closedStore.close()
      const foreign = ${JSON.stringify(files.file('foreign.db'))}
      const textFile = ${JSON.stringify(files.file('text.db'))}
      const codeOf = async (call) => {
        try {
          await call()
          return 'none'
        } catch (error) {
          return error.code
        }
      }
      ${calls.map(({ call }) => `console.log(await codeOf(() => ${call}))`).join('\n')}
    `
    const output = await outputOf(await folder.write('came.mjs', program), {})
    expect(linesOf(output)).toEqual(calls.map(({ code }) => code))
  })
})
