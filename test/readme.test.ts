import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import * as targets from '../src/targets/index.ts'
import { blocks, pages, programs } from './docs/blocks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const readme = pages.get('README.md') ?? ''
const index = pages.get('docs/README.md') ?? ''

const documents: ReadonlyMap<string, string> = new Map([
  ...pages,
  ...(await Promise.all(
    ['CONTRIBUTING.md', 'SECURITY.md'].map(
      async (path) => [path, await readFile(join(root, path), 'utf8')] as const,
    ),
  )),
])

/** Links of a page, but for those in code. */
function linksIn(text: string): readonly string[] {
  const prose = text.replaceAll(/```[^]*?```/gu, '')
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/gu), ([, link = '']) => link)
}

/** Anchors as GitHub makes them of headings. */
function anchorsIn(text: string): readonly string[] {
  const headings = text.replaceAll(/```[^]*?```/gu, '').matchAll(/^#+ (.+)$/gmu)
  return Array.from(headings, ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/gu, '-'),
  )
}

describe('the README', () => {
  it('is read in five minutes', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(250)
  })

  it('has an example of each capability', () => {
    expect(programs.filter(({ page }) => page === 'README.md').map(({ name }) => name)).toEqual([
      'controller.ts',
      'receiver.ts',
      'releases.ts',
      'service.ts',
      'verifier.ts',
      'targets.ts',
      'platform.ts',
      'standard.ts',
    ])
  })

  it('says how many targets there are, as the pages do', () => {
    const { defineTarget: _define, ...factories } = targets
    const names = Object.keys(factories)
    const rows = pages.get('docs/targets.md')?.matchAll(/^\| `(\w+)\(\)` \|(?: [^|]+ \|){4}$/gmu) ?? []
    expect(Array.from(rows, ([, name = '']) => name).toSorted()).toEqual(names.toSorted())
    expect(readme).toContain(`[${names.length} targets](docs/targets.md)`)
    expect(pages.get('docs/targets.md')).toContain(`has ${names.length}, and yours`)
    expect(index).toContain(`the ${names.length} kinds of receivers`)
  })
})

describe('the index of the pages', () => {
  it('names every page, and every example', async () => {
    const links = linksIn(index)
    const names = [...pages.keys()].filter((path) => path.startsWith('docs/')).map((path) => path.slice(5))
    expect(names.filter((name) => name !== 'README.md' && !links.includes(name))).toEqual([])
    const examples = (await readdir(join(root, 'examples'))).filter((name) => name.endsWith('.ts'))
    expect(examples.filter((name) => !links.includes(`../examples/${name}`))).toEqual([])
  })
})

describe('a page', () => {
  const own = [...pages].filter(([path]) => path.startsWith('docs/') && path !== 'docs/README.md')

  it.each(own)('%s begins with what it is for, and the smallest example', (_, text) => {
    expect(text).toMatch(/^# .+\n\n\S/u)
    const [start = ''] = text.split(/^## /mu, 1)
    expect(start).toMatch(/^```(?:ts|sh|mermaid)$/mu)
  })

  it.each([...documents])('%s links to pages and headings that there are', (path, text) => {
    const broken = linksIn(text).filter((link) => {
      if (/^[a-z]+:/u.test(link)) return false
      const [file = '', anchor] = link.split('#')
      const to = file === '' ? path : normalize(join(dirname(path), file))
      if (!existsSync(join(root, to))) return true
      const target = documents.get(to)
      return anchor !== undefined && (target === undefined || !anchorsIn(target).includes(anchor))
    })
    expect(broken).toEqual([])
  })
})

describe('a block', () => {
  it('says what language it is in: a program, or what cannot be run here', () => {
    // SQL is run by the tests of the stores, JSON is compared with what is sent, and pictures with imports.
    const known = new Set(['ts', 'js', 'sql', 'json', 'sh', 'http', 'python', 'mermaid'])
    expect(blocks.filter(({ language }) => !known.has(language))).toEqual([])
  })

  it('has a name of its own on its page, if it is a program', () => {
    const places = programs.map(({ page, name }) => `${page}#${name}`)
    expect(programs.filter(({ name }) => name === '')).toEqual([])
    expect(new Set(places).size).toBe(places.length)
  })

  it('calls scripts, files and commands that there are, if it is of a shell', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>
    }
    const shells = blocks.filter(({ language }) => language === 'sh')
    expect(shells.length).toBeGreaterThan(3)
    for (const { code } of shells) {
      for (const [, name = ''] of code.matchAll(/npm run ([\w:-]+)/gu)) expect(scripts).toHaveProperty(name)
      for (const [file] of code.matchAll(/\bexamples\/[\w./-]+/gu))
        expect(existsSync(join(root, file))).toBe(true)
      await new Promise<void>((resolve, reject) => {
        const checking = execFile('bash', ['-n'], (error) => (error === null ? resolve() : reject(error)))
        checking.stdin?.end(code)
      })
    }
  })
})
