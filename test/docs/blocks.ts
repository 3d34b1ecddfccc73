import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
/** A program that does not end is ended, in milliseconds. */
const longestMs = 45_000
const root = new URL('../../', import.meta.url)

/** A block of code on a page. */
export interface Block {
  /** `docs/targets.md` */
  readonly page: string
  readonly language: string
  /** What its first line calls it: `targets.ts`. Empty when it has none, as those have that are not run. */
  readonly name: string
  readonly code: string
  /** What its comments say that it prints: those at the beginning of a line. */
  readonly output: readonly string[]
}

/** By path, the README and every page in docs/. */
export const pages: ReadonlyMap<string, string> = await pagesIn(['README.md', ...(await pathsIn('docs'))])

async function pathsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(new URL(`${folder}/`, root))
  return names.filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`)
}

async function pagesIn(paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = paths.map(async (path) => [path, await readFile(new URL(path, root), 'utf8')] as const)
  return new Map(await Promise.all(texts))
}

export const blocks: readonly Block[] = [...pages].flatMap(([page, text]) => blocksIn(page, text))

function blocksIn(page: string, text: string): readonly Block[] {
  return Array.from(text.matchAll(/^```(.*)\n([^]*?)^```$/gmu), ([, language = '', code = '']) => {
    const [, name = ''] = /^\/\/ ([\w-]+\.(?:ts|cjs)): \S/u.exec(code) ?? []
    const [, ...lines] = code.split('\n')
    return {
      page,
      language,
      name,
      code,
      output: lines.flatMap((line) => /^\/\/ ?(.*)$/u.exec(line)?.[1] ?? []),
    }
  })
}

/** Blocks that are programs. */
export const programs: readonly Block[] = blocks.filter(({ language }) => ['ts', 'js'].includes(language))

export function blockAt(page: string, name: string): Block {
  const block = blocks.find((each) => each.page === page && each.name === name)
  if (block === undefined) throw new Error(`Expected a block ${name} in ${page}`)
  return block
}

/** A folder of programs: inside the project, so that `deploy-hooks` is the project itself, and outside node_modules, where Node strips no types. */
export interface ProgramFolder extends AsyncDisposable {
  readonly path: string
  write(name: string, code: string): Promise<string>
}

export async function programFolder(): Promise<ProgramFolder> {
  const parent = fileURLToPath(new URL('test/.programs/', root))
  await mkdir(parent, { recursive: true })
  const path = await mkdtemp(join(parent, 'of-'))
  return {
    path,
    async write(name, code) {
      const file = join(path, name)
      await writeFile(file, code)
      return file
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

/** The file name of a block among all of them. */
export function fileNameOf({ page, name }: Block): string {
  return `${page.replaceAll(/\W/gu, '_')}-${name}`
}

/** What a program in a process of its own prints. */
export async function outputOf(file: string, env: Readonly<Record<string, string>>): Promise<string> {
  const options = { env: { ...process.env, ...env }, timeout: longestMs }
  const { stdout } = await run(process.execPath, [file], options)
  return stdout
}

/** Without blanks at their ends, as editors leave comments. */
export function linesOf(output: string): readonly string[] {
  return output
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
}
