import { missing, type Section } from '../section.ts'
import { mostAttempts, releases, startReceivers, statusOfConnect, type Case } from './bench.ts'
import { startProgram, versionOf, type Program } from '../program.ts'
import { credentials, withCredentials } from './proxy.ts'
import { proxySection } from './section.ts'

const title = 'Tinyproxy'

/** As Debian installs it, with its usual ports for CONNECT. */
function programOf(more: string): (folder: string, port: number) => Program {
  return (folder, port) => ({
    command: ['tinyproxy', '-d', '-c', `${folder}/tinyproxy.conf`],
    files: {
      'tinyproxy.conf': `User tinyproxy
Group tinyproxy
Port ${port}
Listen 127.0.0.1
Timeout 600
DefaultErrorFile "/usr/share/tinyproxy/default.html"
LogFile "${folder}/tinyproxy.log"
LogLevel Critical
PidFile "${folder}/tinyproxy.pid"
MaxClients 100
Allow 127.0.0.1
ViaProxyName "tinyproxy"
ConnectPort 443
${more}
`,
    },
  })
}

export async function tinyproxy(): Promise<Section> {
  const skipped = missing(['tinyproxy'])
  if (skipped !== undefined) return { title, text: '', wrong: [], skipped }
  await using receivers = await startReceivers()
  await using open = await startProgram(programOf(''))
  await using shut = await startProgram(programOf(`BasicAuth ${credentials.user} ${credentials.password}`))
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
      expected: { ...failed, code: 'PROXY_500' },
    },
    {
      name: 'https, whose receiver is down',
      hook: { url: 'https://127.0.0.2/deploy' },
      proxy: open.url,
      expected: { ...failed, code: 'PROXY_500' },
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
  ]
  const about = `${versionOf('tinyproxy', '-v')}, with \`ConnectPort 443\`; CONNECT to port 80 is answered ${await statusOfConnect(open.port, '127.0.0.1:80')} by it.`
  const section = await proxySection(title, about, cases)
  const isShown = receivers.received.some(({ headers }) => headers['proxy-authorization'] !== undefined)
  return isShown
    ? { ...section, wrong: [...section.wrong, 'a receiver was shown the credentials of the proxy'] }
    : section
}
