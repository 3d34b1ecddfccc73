import { parseAst } from 'vitest/node'

/** What is counted of one file. Lines count from the first to the last of a thing. */
export interface FileSizes {
  readonly lines: number
  /** Of every function with a body: declarations, methods, callbacks. */
  readonly functions: readonly number[]
  readonly classes: readonly ClassSize[]
}

interface ClassSize {
  readonly name: string
  /** Accessors and private ones too; not the constructor. */
  readonly methods: number
  /** Names of the types of its fields. */
  readonly fieldTypes: ReadonlySet<string>
}

/** A node of the tree: a type, a place, and whatever else it has. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** Counts what a TypeScript source has. */
export function sizesOf(source: string): FileSizes {
  const functions: number[] = []
  const classes: ClassSize[] = []
  const linesOf = ({ start, end }: Node): number => source.slice(start, end).split('\n').length
  for (const node of nodesIn(parseAst(source, { lang: 'ts' }))) {
    if (isFunction(node)) functions.push(linesOf(node))
    if (node.type === 'ClassDeclaration' || node.type === 'ClassExpression') classes.push(classOf(node))
  }
  return { lines: source.trimEnd().split('\n').length, functions, classes }
}

/** Names of what a source declares that can be called upon: its classes, and its interfaces that have methods. */
export function partsIn(source: string): readonly string[] {
  const names: string[] = []
  for (const node of nodesIn(parseAst(source, { lang: 'ts' }))) {
    if (node.type === 'ClassDeclaration') names.push(nameOf(node['id']))
    if (node.type !== 'TSInterfaceDeclaration') continue
    const members = (node['body'] as { readonly body: readonly Node[] }).body
    if (members.some(({ type }) => type === 'TSMethodSignature')) names.push(nameOf(node['id']))
  }
  return names
}

function isFunction({ type, body }: Node): boolean {
  const isOne =
    type === 'FunctionDeclaration' || type === 'FunctionExpression' || type === 'ArrowFunctionExpression'
  return isOne && body !== null && body !== undefined
}

function classOf(node: Node): ClassSize {
  const members = (node['body'] as { readonly body: readonly Node[] }).body
  const methods = members.filter(({ type, kind }) => type === 'MethodDefinition' && kind !== 'constructor')
  const fields = members.filter(({ type }) => type === 'PropertyDefinition')
  return {
    name: nameOf(node['id']),
    methods: methods.length,
    fieldTypes: new Set(fields.flatMap(typesOf)),
  }
}

/** Of its annotation, and of what is made for it: `#a: A | undefined`, `#b = new B()`. */
function typesOf({ typeAnnotation, value }: Node): readonly string[] {
  const annotated = [...nodesIn(typeAnnotation)]
    .filter(({ type }) => type === 'TSTypeReference')
    .map(({ typeName }) => nameOf(typeName))
  const made = value as Node | null
  return made?.type === 'NewExpression' ? [...annotated, nameOf(made['callee'])] : annotated
}

function nameOf(identifier: unknown): string {
  return (identifier as { readonly name?: string } | null)?.name ?? ''
}

/** The nodes of a tree, or of a part of one, from the outside in. */
function* nodesIn(part: unknown): Generator<Node> {
  if (typeof part !== 'object' || part === null) return
  if ('type' in part) yield part as Node
  for (const child of Object.values(part)) yield* nodesIn(child)
}
