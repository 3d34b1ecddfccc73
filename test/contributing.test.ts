import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'

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

  it('needs under 60 lines for a target of one request', () => {
    const [target] = shown
    expect(target?.code.split('\n').length).toBeLessThan(60)
  })

  it.each(shown)('shows $path as it is', async ({ path, code }) => {
    expect(await readFile(new URL(path, root), 'utf8')).toContain(code)
  })
})
