import { execFileSync } from 'node:child_process'

/** Two hosts on this machine: `near`, which sends, and `far`, with so many milliseconds between them and back. */
export const near = 'deploy-hooks-near'
const far = 'deploy-hooks-far'

/** Addresses of the receiver; nothing has the second of each family, and its packets are lost. */
export const farIPv4 = '198.18.7.2'
export const lostIPv4 = '198.18.7.99'
export const lostIPv6 = '2001:db8:7::99'
const nobody = '02:00:00:00:00:99'

/**
 * @param rttMs of the path, in milliseconds
 * @param hasIPv6 whether `near` has an address of it; without one it has no route either
 */
export function connectHosts(rttMs: number, hasIPv6: boolean): void {
  removeHosts()
  for (const host of [near, far]) ip('netns', 'add', host)
  ip('link', 'add', 'dhnear', 'netns', near, 'type', 'veth', 'peer', 'name', 'dhfar', 'netns', far)
  ip('-n', near, 'addr', 'add', '198.18.7.1/24', 'dev', 'dhnear')
  ip('-n', far, 'addr', 'add', `${farIPv4}/24`, 'dev', 'dhfar')
  if (hasIPv6) ip('-n', near, 'addr', 'add', '2001:db8:7::1/64', 'dev', 'dhnear', 'nodad')
  for (const [host, device] of [
    [near, 'dhnear'],
    [far, 'dhfar'],
  ] as const) {
    ip('-n', host, 'link', 'set', 'lo', 'up')
    ip('-n', host, 'link', 'set', device, 'up')
    execFileSync('tc', [
      '-n',
      host,
      'qdisc',
      'add',
      'dev',
      device,
      'root',
      'netem',
      'delay',
      `${rttMs / 2}ms`,
    ])
  }
  // Sent to who is not there, so that they are lost without a word.
  ip('-n', near, 'neigh', 'add', lostIPv4, 'lladdr', nobody, 'dev', 'dhnear', 'nud', 'permanent')
  if (hasIPv6) ip('-n', near, 'neigh', 'add', lostIPv6, 'lladdr', nobody, 'dev', 'dhnear', 'nud', 'permanent')
}

export function removeHosts(): void {
  for (const host of [near, far]) {
    try {
      execFileSync('ip', ['netns', 'del', host], { stdio: 'ignore' })
    } catch {
      // It was not there.
    }
  }
}

/** A command line that runs a program at one of the two. */
export function at(host: 'near' | 'far', command: readonly string[]): readonly [string, readonly string[]] {
  return ['ip', ['netns', 'exec', host === 'near' ? near : far, ...command]]
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args)
}
