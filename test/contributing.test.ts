import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import * as targets from '../src/targets/index.ts'

const root = new URL('../', import.meta.url)
const guide = await readFile(new URL('CONTRIBUTING.md', root), 'utf8')

/** Blocks that show a file, by its path. */
const shown = Array.from(guide.matchAll(/```ts\n\/\/ (\S+)\n(.*?)```/gsu), ([, path = '', code = '']) => ({
  path,
  code,
}))

describe('the contributing guide', () => {
  it('shows a target, its line in the index, its emulator and its test', () => {
    expect(shown.map(({ path }) => path)).toEqual([
      'src/targets/ntfy.ts',
      'src/targets/index.ts',
      'src/testing/platforms/ntfy.ts',
      'test/targets/ntfy.test.ts',
    ])
  })

  it.each(shown)('shows $path as it is', async ({ path, code }) => {
    expect(await readFile(new URL(path, root), 'utf8')).toContain(code)
  })
})

describe('a target of one request', () => {
  it('is a file of under 60 lines', async () => {
    const folder = new URL('src/targets/', root)
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts'))
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const),
    )
    const simple = files.filter(
      ([, text]) => text.includes('defineTarget({') && !/\bpoll:|requests: \[\s*create/u.test(text),
    )
    expect(simple.length).toBeGreaterThan(0)
    const long = simple.filter(([, text]) => text.split('\n').length > 60).map(([name]) => name)
    expect(long).toEqual([])
    expect(Object.keys(targets)).toContain('ntfy')
  })
})
