import { existsSync } from 'node:fs'

/** Sections of the report that compare with libraries that are installed here, apart from all others. */
const comparing = new Set(['transports', 'verification'])

/** @throws Error when they are missing: at the start, not after minutes of measuring */
export function requireOthers(sections: readonly string[]): void {
  if (existsSync(new URL('node_modules', import.meta.url))) return
  const section = sections.find((name) => comparing.has(name))
  if (section === undefined) return
  throw new Error(
    `Expected the libraries that \`${section}\` compares with: \`npm ci --prefix proofs/bench/others\` installs them`,
  )
}
