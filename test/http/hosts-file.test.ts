import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { HostsFile, parseHosts } from '../../src/http/hosts-file.ts'

const four = (address: string): object => ({ address, family: 4 })

describe('a hosts file', () => {
  it('gives each name of a line its address, and a name of several lines several', () => {
    const text = [
      '# comment',
      '127.0.0.1\tlocalhost',
      '::1 localhost ip6-localhost # another',
      '  10.0.0.1   ci.internal.example  CI  ci',
      '',
      '300.0.0.1 wrong',
      'localhost 127.0.0.2',
      'fe80::1%lo0 zoned',
    ].join('\r\n')
    expect(Object.fromEntries(parseHosts(text))).toEqual({
      localhost: [four('127.0.0.1'), { address: '::1', family: 6 }],
      'ip6-localhost': [{ address: '::1', family: 6 }],
      'ci.internal.example': [four('10.0.0.1')],
      ci: [four('10.0.0.1')],
      zoned: [{ address: 'fe80::1%lo0', family: 6 }],
    })
  })

  it('is found in whatever case and white space it was written', () => {
    const label = fc.stringMatching(/^[a-z][a-z\d-]{0,8}$/u)
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'))
    const space = fc.stringMatching(/^[ \t]{1,3}$/u)
    const spell = (text: string, upper: boolean): string => (upper ? text.toUpperCase() : text)
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
        fc.ipV4(),
        space,
        fc.boolean(),
        (names, address, gap, upper) => {
          const text = `${gap}${address}${gap}${names.map((each) => spell(each, upper)).join(gap)}${gap}#${gap}not.this\n`
          expect([...parseHosts(text)]).toEqual(names.map((each) => [each, [four(address)]]))
        },
      ),
    )
  })

  it('is never more than what it is: no text throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const addresses of parseHosts(text).values()) expect(addresses.length).toBeGreaterThan(0)
      }),
    )
  })

  it('is read again when it has changed, and is empty when it is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hosts-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const path = join(folder, 'hosts')
    const hosts = new HostsFile(path)
    expect(hosts.addressesOf('a.test')).toEqual([])
    await writeFile(path, '10.0.0.1 a.test')
    expect(hosts.addressesOf('A.test.')).toEqual([four('10.0.0.1')])
    await writeFile(path, '10.0.0.2 a.test b.test')
    expect(hosts.addressesOf('a.test')).toEqual([four('10.0.0.2')])
    await rm(path)
    expect(hosts.addressesOf('a.test')).toEqual([])
  })
})
