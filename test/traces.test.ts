import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { marks } from './targets/every-target.ts'

interface Recorded {
  readonly spans: readonly { readonly attributes: Readonly<Record<string, unknown>> }[]
  readonly metrics: readonly unknown[]
  readonly received: readonly string[]
  readonly targets: readonly string[]
}

async function recordedOver(kind: string): Promise<Recorded> {
  const script = fileURLToPath(new URL('traces/process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, kind], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ])
  expect([exitCode, exitCode === 0 ? '' : stderr]).toEqual([0, ''])
  return JSON.parse(stdout) as Recorded
}

describe.concurrent.each(['got', 'undici'])('over %s, in a process that OpenTelemetry records', (kind) => {
  it('no span and no metric shows a secret of any target, and no request carries a trace', async () => {
    const { spans, metrics, received, targets } = await recordedOver(kind)

    const found = Object.entries(marks).flatMap(([name, mark]) =>
      [mark.slice(0, 10), Buffer.from(mark.slice(0, 12)).toString('base64')]
        .filter((needle) => JSON.stringify([spans, metrics]).includes(needle))
        .map((needle) => `${name} as ${needle}`),
    )
    expect(found).toEqual([])

    // Not only what the marks are in: nothing that the library sent stands there, and what the host sent does.
    const urls = spans.flatMap(({ attributes }) => attributes['url.full'] ?? []).map(String)
    expect(urls.map((url) => new URL(url).pathname)).toEqual(['/of-the-host', '/fetched-by-the-host'])
    const traced = received.filter((request) => request.includes('traceparent'))
    expect(traced.map((request) => request.split(' ', 2)[1])).toEqual([
      '/of-the-host',
      '/fetched-by-the-host',
    ])

    // It was all there to be told.
    expect(targets.length).toBeGreaterThan(30)
    for (const target of [...targets, 'nobody', 'a name', 'a proxy'])
      expect(received.some((line) => line.startsWith(`sent to ${target}, `))).toBe(true)
    for (const mark of Object.values(marks)) expect(received.join('\n')).toContain(mark)
    expect(received.filter((line) => line.startsWith('POST ')).length).toBeGreaterThan(50)
    expect(JSON.stringify(metrics)).toContain('http.client.request.duration')
  })
})
