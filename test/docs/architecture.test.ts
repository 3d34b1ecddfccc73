import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { blocks, pages } from './blocks.ts'

const src = fileURLToPath(new URL('../../src/', import.meta.url))
const page = pages.get('docs/architecture.md') ?? ''

/** By file of src/, the files that it imports, types included. */
const imports: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(join(src, file), 'utf8')
      const froms = text.matchAll(/\bfrom '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gu)
      const targets = Array.from(froms, ([, named = '', loaded = named]) =>
        normalize(join(dirname(file), loaded)),
      )
      return [file, new Set(targets)] as const
    }),
)

/** All that a file reaches by its imports, itself only over a circle. */
function reachedFrom(file: string): ReadonlySet<string> {
  const reached = new Set<string>()
  const next = [file]
  for (let each = next.pop(); each !== undefined; each = next.pop())
    for (const target of imports.get(each) ?? [])
      if (!reached.has(target)) {
        reached.add(target)
        next.push(target)
      }
  return reached
}

/** Where a file is that the page names: under src/dispatch/, or under src/. */
function pathOf(name: string): string {
  const paths = [`dispatch/${name}`, name].filter((path) => existsSync(join(src, path)))
  expect(paths, `files called ${name}`).toHaveLength(1)
  return paths[0] ?? ''
}

type Arrow = readonly [from: string, to: string]

/** `a & b --> c & d` is four. */
function arrowsIn(picture: string): readonly Arrow[] {
  const lines = picture.matchAll(/^ +([^"\n]+?) -->(?:\|"[^"]*"\|)? (.+)$/gmu)
  return Array.from(lines).flatMap(([, from = '', to = '']) =>
    from.split(' & ').flatMap((one) => to.split(' & ').map((other): Arrow => [one, other])),
  )
}

const [life = '', folders = ''] = blocks
  .filter((block) => block.page === 'docs/architecture.md' && block.language === 'mermaid')
  .map(({ code }) => code)

function folderOf(file: string): string | undefined {
  const [folder, ...rest] = file.split('/')
  return rest.length === 0 ? undefined : folder
}

function sorted(arrows: Iterable<string>): readonly string[] {
  return [...new Set(arrows)].toSorted()
}

describe('docs/architecture.md', () => {
  it('names files that there are', () => {
    const prose = page.replaceAll(/^```[^]*?^```$/gmu, '')
    const names = Array.from(prose.matchAll(/`([\w/.-]+\.ts)`/gu), ([, name = '']) => name)
    expect(names.length).toBeGreaterThan(40)
    expect(names.filter((name) => !name.startsWith('src/')).map(pathOf)).not.toContain('')
    expect(names.filter((name) => name.startsWith('src/') && !imports.has(name.slice(4)))).toEqual([])
  })

  it('draws the life of a delivery by imports, none of which has a way back', () => {
    const arrows = arrowsIn(life)
    expect(arrows.length).toBeGreaterThan(25)
    const untrue = arrows.filter(([from, to]) => {
      const target = pathOf(to)
      return imports.get(pathOf(from))?.has(target) !== true || reachedFrom(target).has(pathOf(from))
    })
    expect(untrue).toEqual([])
  })

  it('draws all arrows between folders, and no other', () => {
    const all = [...imports].flatMap(([file, targets]) =>
      [...targets].flatMap((target) => {
        const [from, to] = [folderOf(file), folderOf(target)]
        return from === undefined || to === undefined || from === to ? [] : [`${from} --> ${to}`]
      }),
    )
    expect(sorted(arrowsIn(folders).map(([from, to]) => `${from} --> ${to}`))).toEqual(sorted(all))
    const rows = Array.from(page.matchAll(/^\| `(\w+)` \|/gmu), ([, folder = '']) => folder)
    const there = readdirSync(src, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(sorted(rows)).toEqual(sorted(there.map(({ name }) => name)))
  })

  it('finds things where they are', () => {
    const places = Array.from(page.matchAll(/`(#?\w+(?:\.\w+)?)` (?:in|of) `([\w/.-]+\.ts)`/gu))
    expect(places.length).toBeGreaterThan(12)
    const missing = places.filter(([, symbol = '', file = '']) => {
      const text = readFileSync(join(src, pathOf(file)), 'utf8')
      return !symbol.split('.').every((part) => new Set(text.match(/#?\w+/gu)).has(part))
    })
    expect(missing.map(([text]) => text)).toEqual([])
  })

  it('lists what happens at close() in its order', () => {
    const text = readFileSync(join(src, 'dispatch/worker/worker.ts'), 'utf8')
    const [, body = ''] = /^ {2}async close\(\): Promise<void> \{\n([^]*?)^ {2}\}$/mu.exec(text) ?? []
    const called = Array.from(body.matchAll(/\b(?:this\.)?([#\w]+(?:\.\w+)?)\(/gu), ([, name = '']) => name)
    const listed = Array.from(page.matchAll(/^\d+\. `([#\w.]+)`/gmu), ([, name = '']) => name)
    expect(listed).toEqual(called)
  })
})
