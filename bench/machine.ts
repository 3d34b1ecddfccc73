import { readFile } from 'node:fs/promises'
import os from 'node:os'

/** What a reader has to know of the machine; no name, no address, no path. */
export function machineFacts(): string {
  const [cpu] = os.cpus()
  const cores = os.availableParallelism()
  const memory = Math.round(os.totalmem() / 2 ** 30)
  const load = os.loadavg()[0] ?? 0
  return [
    `Node.js ${process.version} on ${os.type()} ${os.arch()}`,
    `${cores} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB`,
    `load average ${load.toFixed(1)} at the start`,
  ].join('; ')
}

/** Installed versions of packages, as the lock file has them. */
export async function versionsOf(packages: readonly string[]): Promise<string> {
  const text = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8')
  const lock = JSON.parse(text) as { packages: Readonly<Record<string, { version?: string } | undefined>> }
  return packages
    .map((name) => `${name} ${lock.packages[`node_modules/${name}`]?.version ?? '(not locked)'}`)
    .join(', ')
}
