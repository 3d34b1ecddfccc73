import { readFile } from 'node:fs/promises'
import { missing, type Section } from '../section.ts'
import { mostAttempts, releases, startReceivers, statusOfConnect, type Case } from './bench.ts'
import { startProgram, versionOf, type Program } from '../program.ts'
import { passwordLine, withCredentials } from './proxy.ts'
import { proxySection } from './section.ts'

const title = 'Squid'
const stockFile = '/etc/squid/squid.conf'
const helper = '/usr/lib/squid/basic_ncsa_auth'

/** Its stock rules, before which more may stand. */
function programOf(
  stock: string,
  more: (folder: string) => string,
): (folder: string, port: number) => Program {
  return (folder, port) => ({
    command: ['squid', '-N', '-f', `${folder}/squid.conf`],
    files: {
      'squid.conf': `${more(folder)}
${stock.replace(/^http_port .*$/mu, `http_port 127.0.0.1:${port}`).replace(/^coredump_dir .*$/mu, '')}
pid_filename ${folder}/squid.pid
access_log none
cache_log ${folder}/cache.log
cache deny all
shutdown_lifetime 0 seconds
`,
      passwords: passwordLine(),
    },
  })
}

export async function squid(): Promise<Section> {
  const skipped = missing(['squid', 'openssl'])
  if (skipped !== undefined) return { title, text: '', wrong: [], skipped }
  const stock = await readFile(stockFile, 'utf8')
  await using receivers = await startReceivers()
  await using open = await startProgram(programOf(stock, () => ''))
  await using shut = await startProgram(
    programOf(
      stock,
      (folder) => `auth_param basic program ${helper} ${folder}/passwords
acl known proxy_auth REQUIRED
http_access deny !known`,
    ),
  )
  const refused = { attempts: 3, outcome: 'proxy, refused', charged: 0 }
  const failed = { attempts: mostAttempts, outcome: 'proxy, exhausted', charged: 0 }
  const delivered = { attempts: 1, outcome: 'delivered', charged: 0 }
  const cases: readonly Case[] = [
    { name: 'http', hook: { url: 'http://127.0.0.1/deploy' }, proxy: open.url, expected: delivered },
    { name: 'https', hook: { url: 'https://127.0.0.1/deploy' }, proxy: open.url, expected: delivered },
    {
      name: 'http, whose receiver answers 503',
      hook: { url: 'http://127.0.0.1/busy' },
      proxy: open.url,
      expected: {
        attempts: mostAttempts,
        outcome: 'status-503, exhausted',
        code: '503',
        charged: mostAttempts * releases,
      },
    },
    {
      name: 'http, whose receiver is down',
      hook: { url: 'http://127.0.0.1:8999/deploy' },
      proxy: open.url,
      expected: { ...failed, code: 'PROXY_503' },
    },
    {
      name: 'https, whose receiver is down',
      hook: { url: 'https://127.0.0.2/deploy' },
      proxy: open.url,
      expected: { ...failed, code: 'PROXY_503' },
    },
    {
      name: 'http, whose name is unknown',
      hook: { url: 'http://nowhere.invalid/deploy' },
      proxy: open.url,
      expected: { ...failed, code: ['PROXY_502', 'PROXY_503'] }, // by what its name servers say
    },
    {
      name: 'http, whose receiver hangs up',
      hook: { url: 'http://127.0.0.1/cut' },
      proxy: open.url,
      expected: { ...failed, code: 'PROXY_502' },
    },
    {
      name: 'http, at a port that is forbidden',
      hook: { url: 'http://127.0.0.1:25/deploy' },
      proxy: open.url,
      expected: { ...refused, code: 'PROXY_403' },
    },
    {
      name: 'https, at a port that is forbidden',
      hook: { url: 'https://127.0.0.1:8443/deploy' },
      proxy: open.url,
      expected: { ...refused, code: 'PROXY_403' },
    },
    {
      name: 'http, without credentials',
      hook: { url: 'http://127.0.0.1/deploy' },
      proxy: shut.url,
      expected: { ...refused, code: 'PROXY_407' },
    },
    {
      name: 'https, without credentials',
      hook: { url: 'https://127.0.0.1/deploy' },
      proxy: shut.url,
      expected: { ...refused, code: 'PROXY_407' },
    },
    {
      name: 'http, with credentials',
      hook: { url: 'http://127.0.0.1/deploy' },
      proxy: withCredentials(shut),
      expected: delivered,
    },
    {
      name: 'https, with credentials',
      hook: { url: 'https://127.0.0.1/deploy' },
      proxy: withCredentials(shut),
      expected: delivered,
    },
    {
      name: 'http, with `proxy: false`',
      hook: { url: 'http://127.0.0.1/deploy', proxy: false },
      proxy: shut.url,
      expected: delivered,
    },
  ]
  const about = `${versionOf('squid', '-v')}, with the rules that Debian installs; CONNECT to port 80 is answered ${await statusOfConnect(open.port, '127.0.0.1:80')} by it.`
  const section = await proxySection(title, about, cases)
  const isShown = receivers.received.some(({ headers }) => headers['proxy-authorization'] !== undefined)
  return isShown
    ? { ...section, wrong: [...section.wrong, 'a receiver was shown the credentials of the proxy'] }
    : section
}
