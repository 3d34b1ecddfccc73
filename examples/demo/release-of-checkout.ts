import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ReleaseInput } from 'deploy-hooks'

interface PackageFacts {
  readonly name: string
  readonly version: string
  readonly author?: string | { readonly name: string }
}

/**
 * The release of a package's checkout: its app from package.json, its commit, user and version from git. Where git says
 * nothing (no checkout, no git, no tag), package.json does.
 */
export async function releaseOfCheckout(folder: string): Promise<ReleaseInput> {
  const facts: PackageFacts = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const fromPackage = { app: facts.name, version: facts.version, user: authorOf(facts) }
  // A package unpacked inside some other checkout is none of that checkout's commits.
  const tracked = await git(folder, 'ls-files', 'package.json')
  if (tracked === undefined) return fromPackage
  const [sha, user, tag] = await Promise.all([
    git(folder, 'rev-parse', '--verify', 'HEAD'),
    git(folder, 'log', '-1', '--no-show-signature', '--format=%an', 'HEAD'),
    git(folder, 'describe', '--tags', '--abbrev=0', 'HEAD'),
  ])
  return { app: facts.name, version: tag ?? facts.version, user: user ?? fromPackage.user, sha }
}

/** The name in `Jane Doe <jane@example.com> (https://example.com)`. */
function authorOf({ author = '' }: PackageFacts): string {
  const name = typeof author === 'string' ? author.replace(/ *[<(].*$/u, '') : author.name
  return name === '' ? 'package' : name
}

const run = promisify(execFile)

/** What a reading git command prints; `undefined` when it prints nothing, fails or is not there. */
async function git(folder: string, ...args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', args, { cwd: folder })
    return stdout.trim() === '' ? undefined : stdout.trim()
  } catch {
    return undefined // every failure means the same here: git does not know
  }
}
