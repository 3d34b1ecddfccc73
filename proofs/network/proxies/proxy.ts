import { execFileSync } from 'node:child_process'
import type { RunningProgram } from '../program.ts'

const user = 'hooks'
const password = 'pr0xy-s3cret'
export const credentials: Readonly<Record<'user' | 'password', string>> = { user, password }

export function withCredentials({ url }: RunningProgram): string {
  return url.replace('//', `//${user}:${password}@`)
}

/** A line of a password file, as Apache has them. */
export function passwordLine(): string {
  const hashed = execFileSync('openssl', ['passwd', '-apr1', password], { encoding: 'utf8' }).trim()
  return `${user}:${hashed}\n`
}
