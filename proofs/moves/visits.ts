import { parseAst } from 'vitest/node'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly kind?: string
  readonly key?: { readonly name?: string }
  readonly id?: { readonly name?: string } | null
  readonly body?: unknown
}

interface Insertion {
  readonly at: number
  readonly text: string
}

/** A script whose functions call `visited(file, name)` first, but for properties, and for functions that give the time or a random number. */
export function withVisits(file: string, source: string): string {
  const insertions: Insertion[] = []
  const enter = (node: Node, name: string): void => {
    const body = node.body as Node | null | undefined
    if (
      body === null ||
      body === undefined ||
      /Date\.now\(\)$|Math\.random\(\)$/u.test(source.slice(node.start, node.end))
    )
      return
    const call = `visited(${JSON.stringify(file)}, ${JSON.stringify(name)})`
    if (body.type === 'BlockStatement') insertions.push({ at: body.start + 1, text: `${call};` })
    else insertions.push({ at: body.start, text: `(${call}, ` }, { at: body.end, text: ')' })
  }
  const walk = (value: unknown, name: string): void => {
    if (typeof value !== 'object' || value === null) return
    if (Array.isArray(value)) {
      for (const each of value) walk(each, name)
      return
    }
    const node = value as Node
    if (node.type === 'MethodDefinition' && node.kind === 'get') return
    const own = node.key?.name ?? node.id?.name ?? name
    if (
      node.type === 'FunctionDeclaration' ||
      node.type === 'FunctionExpression' ||
      node.type === 'ArrowFunctionExpression'
    )
      enter(node, own)
    for (const child of Object.values(node)) walk(child, own)
  }
  walk(parseAst(source), file)
  return insertions
    .toSorted((one, other) => other.at - one.at)
    .reduce((text, { at, text: inserted }) => text.slice(0, at) + inserted + text.slice(at), source)
}
