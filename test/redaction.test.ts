import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { marks, needlesOf } from './redaction/marks.ts'
import { temporaryFolder } from './stores/temporary.ts'

interface Secrets {
  readonly signatures: readonly string[]
  readonly keyLines: readonly string[]
  /** Configurations that were wrong, and how many of them were refused. */
  readonly wrong: number
  readonly refused: number
}

/** Of everything that left the library, where and which of these texts stand in it. */
function found(
  outputs: ReadonlyMap<string, Buffer>,
  needles: ReadonlyMap<string, readonly string[]>,
): string[] {
  return [...outputs].flatMap(([where, bytes]) => {
    const output = bytes.toString('latin1').toLowerCase()
    const placeOf = (needle: string): number =>
      output.indexOf(Buffer.from(needle).toString('latin1').toLowerCase())
    return [...needles].flatMap(([what, texts]) =>
      texts
        .map((needle) => placeOf(needle))
        .filter((at) => at !== -1)
        .map((at) => `${what} in ${where}: …${output.slice(Math.max(0, at - 60), at + 30)}…`),
    )
  })
}

describe.concurrent.each(['got', 'undici'])(
  'over %s, with receivers and a proxy that tell all they know',
  (kind) => {
    it('no secret and no signature is in anything that the library says, prints or keeps', async () => {
      await using folder = await temporaryFolder()
      const script = fileURLToPath(new URL('redaction/process.ts', import.meta.url))
      const child = spawn(process.execPath, [script, kind, folder.path], {
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const [stdout, stderr, [exitCode]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close') as Promise<[number]>,
      ])
      expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, ''])

      const files = await readdir(folder.path)
      const contents = new Map(
        await Promise.all(
          files.map(async (name) => [name, await readFile(join(folder.path, name))] as const),
        ),
      )
      const received = contents.get('received.txt')?.toString() ?? ''
      const secrets = JSON.parse(contents.get('secrets.json')?.toString() ?? '') as Secrets
      contents.delete('received.txt')
      contents.delete('secrets.json')
      const outputs = new Map([...contents, ['stdout', Buffer.from(stdout)], ['stderr', Buffer.from(stderr)]])
      const basic = Buffer.from(`user:${marks.proxy}`).toString('base64')
      const needles = new Map<string, readonly string[]>([
        ...Object.entries(marks).map(([name, mark]) => [name, needlesOf(mark)] as const),
        ['basic', [basic.slice(8, 24)]], // behind `user:`, which is no secret
        ['client key', secrets.keyLines],
        ['signature', secrets.signatures.map((signature) => signature.slice(0, 16))],
      ])
      expect(found(outputs, needles)).toEqual([])

      // It was all there to be told.
      for (const mark of [marks.token, marks.path, marks.proxy])
        expect(received).toContain(needlesOf(mark)[0])
      expect(received).toContain(basic)
      expect(secrets.signatures.length).toBeGreaterThan(100)
      expect(secrets.keyLines.length).toBeGreaterThan(2)
      const told = outputs.get('told.txt')?.toString() ?? ''
      expect(told.split('[masked]').length).toBeGreaterThan(1000)
      for (const status of [200, 401, 410, 500]) expect(told).toContain(`status: ${status}`)
      for (const code of ['ECONNREFUSED', 'EGRESS_METADATA', 'EGRESS_PRIVATE', 'ENOTFOUND'])
        expect(told).toContain(`'${code}'`)
      for (const event of [
        'attempt',
        'delivered',
        'retrying',
        'dead',
        'breaker',
        'hook-disabled',
        'hook-enabled',
      ])
        for (const heard of ['event', 'channel']) expect(told).toContain(`${heard} ${event}: `)
      expect(stderr).toContain('DeployHooksWarning')
      expect(stdout).toBe('')
      expect([...outputs.keys()]).toContain('direct.copy-wal')
      expect(outputs.get('direct.copy-wal')?.toString('latin1')).toContain('[masked]')
      expect(secrets.wrong).toBeGreaterThan(70)
      expect(secrets.refused).toBeGreaterThan(70)
    })
  },
)

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
  ])('is found %s', (_, spelled) => {
    for (const [name, mark] of Object.entries(marks)) {
      const output = new Map([['output', Buffer.from(`text ${spelled(mark)} text`)]])
      expect(found(output, new Map([[name, needlesOf(mark)]]))).not.toEqual([])
    }
  })
})
