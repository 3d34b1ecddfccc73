/** `npm run check` runs it: prints how large the files, functions and classes of `src/` are, and ends with 1 when one is larger than it may be. */
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exceptions } from './exceptions.ts'
import { partsIn, sizesOf } from './sizes.ts'

interface Measured {
  /** A file, or a class and its file. */
  readonly name: string
  readonly value: number
}

/** The largest that may be. */
const limits = { lines: 300, methods: 20, collaborators: 8, functions: 30 } as const
type Size = keyof typeof limits

const cwd = fileURLToPath(new URL('../../', import.meta.url))
const sources = globSync('src/**/*.ts', { cwd }).map(
  (file) => [file, readFileSync(cwd + file, 'utf8')] as const,
)
const parts = new Set(sources.flatMap(([, source]) => partsIn(source)))
const files = sources.map(([file, source]) => ({ file, ...sizesOf(source) }))
const classes = files.flatMap(({ file, classes }) =>
  classes.map((one) => ({
    ...one,
    name: `${one.name} in ${file}`,
    of: [...one.fieldTypes].filter((type) => parts.has(type)).length,
  })),
)
const functions = files.flatMap((file) => file.functions).toSorted((a, b) => a - b)

const measured: Readonly<Record<Size, readonly Measured[]>> = {
  lines: files.map(({ file, lines }) => ({ name: file, value: lines })),
  methods: classes.map(({ name, methods }) => ({ name, value: methods })),
  collaborators: classes.map(({ name, of }) => ({ name, value: of })),
  functions: [{ name: '90 of 100 functions', value: functions[Math.ceil(0.9 * functions.length) - 1] ?? 0 }],
}
const unused = new Set(Object.keys(exceptions))

print(`${files.length} files, ${functions.length} functions, ${classes.length} classes in src/`)
tell('lines', 'Lines of a file')
tell('functions', 'Lines of a function')
tell('methods', 'Methods of a class')
tell('collaborators', 'Collaborators of a class: fields that hold a class or an interface with methods')
for (const name of unused) fail(`${name} is no exception any more: remove it from exceptions.ts`)

/** Prints the largest three, and what is larger than it may be. */
function tell(size: Size, title: string): void {
  const limit = limits[size]
  const sorted = measured[size].toSorted((a, b) => b.value - a.value)
  print(`${title}, at most ${limit}: ${sorted.slice(0, 3).map(shown).join(', ')}`)
  for (const one of sorted.filter(({ value }) => value > limit)) {
    const reason = exceptions[`${size} of ${one.name}`]
    if (reason === undefined) fail(`  too many ${size}: ${shown(one)}`)
    else print(`  ${shown(one)}: ${reason}`)
    unused.delete(`${size} of ${one.name}`)
  }
}

function shown({ name, value }: Measured): string {
  return `${value} (${name})`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(line: string): void {
  print(line)
  process.exitCode = 1
}
