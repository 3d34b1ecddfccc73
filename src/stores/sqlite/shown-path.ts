import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A path for an error, as far as there is something: the rest may be no path, but a URL with a password that stands in the wrong place. */
export function shownPath(path: string): string {
  let there = path
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there)
  return there === path ? path : join(there, '…')
}
