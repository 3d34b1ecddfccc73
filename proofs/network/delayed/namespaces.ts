import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Addresses of the receiver; nobody has the others, whose packets are lost at the far end without a word. */
export const farIPv4 = '198.18.7.2'
export const lostIPv4 = '198.18.7.99'
export const lostIPv6 = '2001:db8:7::99'

const hosts = { near: 'deploy-hooks-near', far: 'deploy-hooks-far' }
type Host = keyof typeof hosts

/** Two hosts on this machine, each a network namespace, with a path between them that takes its time. */
export class Hosts implements AsyncDisposable {
  readonly #path: ChildProcess

  private constructor(path: ChildProcess) {
    this.#path = path
  }

  /**
   * @param rttMs there and back, in milliseconds
   * @param hasIPv6 whether the near host has an address of it; without one it has no route either
   */
  static async connect(rttMs: number, hasIPv6: boolean): Promise<Hosts> {
    const script = fileURLToPath(new URL('delayed-path.py', import.meta.url))
    const path = spawn('python3', [script, 'dhnear', 'dhfar', String(rttMs / 2000)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const connected = new Hosts(path)
    try {
      await once(path.stdout, 'data')
      remove()
      for (const host of ['near', 'far'] as const) {
        ip('netns', 'add', hosts[host])
        ip('link', 'set', `dh${host}`, 'netns', hosts[host])
        at(host, 'link', 'set', 'lo', 'up')
        at(host, 'addr', 'add', host === 'near' ? '198.18.7.1/24' : `${farIPv4}/24`, 'dev', `dh${host}`)
        at(host, 'link', 'set', `dh${host}`, 'up')
      }
      if (hasIPv6) at('near', 'addr', 'add', '2001:db8:7::1/64', 'dev', 'dhnear', 'nodad')
      return connected
    } catch (error) {
      await connected[Symbol.asyncDispose]()
      throw error
    }
  }

  /** A command line that runs a program at one of the two. */
  command(host: Host, program: readonly string[]): readonly [string, readonly string[]] {
    return ['ip', ['netns', 'exec', hosts[host], ...program]]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    remove()
    if (this.#path.exitCode !== null) return
    this.#path.kill()
    await once(this.#path, 'exit')
  }
}

function remove(): void {
  const there = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  for (const name of Object.values(hosts)) if (there.includes(name)) ip('netns', 'del', name)
}

function at(host: Host, ...args: readonly string[]): void {
  ip('-n', hosts[host], ...args)
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args)
}
