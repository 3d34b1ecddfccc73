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
  const versions = new Map<string, string>()
  for (const lock of ['../../package-lock.json', '../bench/others/package-lock.json']) {
    const { packages } = JSON.parse(await readFile(new URL(lock, import.meta.url), 'utf8')) as {
      readonly packages: Readonly<Record<string, { readonly version?: string }>>
    }
    for (const [path, { version }] of Object.entries(packages)) {
      const name = /^node_modules\/(.+)$/u.exec(path)?.[1]
      if (version !== undefined && name !== undefined && !versions.has(name)) versions.set(name, version)
    }
  }
  return packages.map((name) => `${name} ${versions.get(name) ?? '(not locked)'}`).join(', ')
}
