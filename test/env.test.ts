import { describe, expect, it } from 'vitest'
import { createDispatcher, hooksFromEnv, type Environment } from '../src/index.ts'

function read(env: Environment): { read: ReturnType<typeof hooksFromEnv>; warnings: string[] } {
  const warnings: string[] = []
  const logger = {
    warn: (message: string) => warnings.push(message),
    error: (message: string) => warnings.push(message),
  }
  return { read: hooksFromEnv(env, { logger }), warnings }
}

const urls = 'https://one.example/,https://two.example/hook'
const hooks = ['https://one.example/', 'https://two.example/hook']

describe('hooksFromEnv', () => {
  it('reads this library’s own variables: native, sha256', () => {
    expect(read({ DEPLOY_HOOK_URLS: urls, DEPLOY_HOOK_SECRET_KEY: 's3cret' })).toEqual({
      read: { hooks, secret: 's3cret', algorithm: 'sha256', dialect: 'native' },
      warnings: [],
    })
  })

  it.each(['DEIS', 'DRYCC'])('reads %s_DEPLOY_HOOK_* as a drop-in: deis, sha1', (name) => {
    const env = { [`${name}_DEPLOY_HOOK_URLS`]: urls, [`${name}_DEPLOY_HOOK_SECRET_KEY`]: ' s3cret ' }
    expect(read(env)).toEqual({
      read: { hooks, secret: ' s3cret ', algorithm: 'sha1', dialect: 'deis' },
      warnings: [],
    })
  })

  it.each([
    ['sha1', 'sha1'],
    ['SHA256', 'sha256'],
    ['', 'sha256'],
  ])('takes DEPLOY_HOOK_ALGORITHM=%j as %s', (value, algorithm) => {
    expect(read({ DEPLOY_HOOK_URLS: urls, DEPLOY_HOOK_ALGORITHM: value }).read.algorithm).toBe(algorithm)
  })

  it('refuses another algorithm', () => {
    const env = { DEPLOY_HOOK_URLS: urls, DEPLOY_HOOK_ALGORITHM: 'md5' }
    expect(() => read(env)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  it('gives no hooks for an empty environment, which is a dispatcher that sends nothing', async () => {
    const { read: settings } = read({})
    expect(settings).toEqual({ hooks: [], algorithm: 'sha256', dialect: 'native' })
    await using dispatcher = createDispatcher(settings)
    const { deliveries } = await dispatcher.dispatch({ app: 'web', version: 1, user: 'gabrtv' })
    expect(deliveries).toEqual([])
  })

  it.each(['DEPLOY_HOOK', 'DEIS_DEPLOY_HOOK'])(
    'refuses an empty %s_SECRET_KEY instead of signing with nothing',
    (prefix) => {
      const env = { [`${prefix}_URLS`]: urls, [`${prefix}_SECRET_KEY`]: '' }
      expect(() => read(env)).toThrow(
        expect.objectContaining({ code: 'secret_invalid', option: `${prefix}_SECRET_KEY` }),
      )
    },
  )

  it('does not mind a secret without hooks', () => {
    expect(read({ DEIS_DEPLOY_HOOK_SECRET_KEY: '' }).read.hooks).toEqual([])
  })

  it('drops empty and repeated entries and trims blanks, with warnings that name entries by number only', () => {
    const { read: settings, warnings } = read({
      DEIS_DEPLOY_HOOK_URLS:
        'https://one.example/t0ken, https://two.example/t0ken ,,https://one.example/t0ken,',
    })
    expect(settings.hooks).toEqual(['https://one.example/t0ken', 'https://two.example/t0ken'])
    expect(warnings).toEqual([
      'DEIS_DEPLOY_HOOK_URLS: trimmed blanks around entry 2',
      'DEIS_DEPLOY_HOOK_URLS: dropped the empty entry 3',
      'DEIS_DEPLOY_HOOK_URLS: dropped the repeated entry 4',
      'DEIS_DEPLOY_HOOK_URLS: dropped the empty entry 5',
    ])
    expect(warnings.join('\n')).not.toContain('t0ken')
  })

  it('prefers this library’s own variables and says that others are ignored', () => {
    const { read: settings, warnings } = read({
      DEPLOY_HOOK_URLS: 'https://one.example/',
      DEIS_DEPLOY_HOOK_URLS: urls,
    })
    expect(settings.hooks).toEqual(['https://one.example/'])
    expect(settings.dialect).toBe('native')
    expect(warnings).toEqual(['DEIS_DEPLOY_HOOK_URLS is ignored: DEPLOY_HOOK_URLS is set too'])
  })

  it.each([
    'DEPLOY_HOOK_URLS',
    'https_proxy',
    'HTTPS_PROXY',
    'http_proxy',
    'HTTP_PROXY',
    'no_proxy',
    'NO_PROXY',
  ])('refuses a %s that is no text, by its name', (name) => {
    const env = { DEPLOY_HOOK_URLS: 'https://hooks.example.com', HTTPS_PROXY: 'http://proxy.internal:3128' }
    expect(() => read({ ...env, [name]: 3128 as never })).toThrow(
      expect.objectContaining({ code: 'option_invalid', option: name }),
    )
  })

  it('reads process.env by default', () => {
    expect(hooksFromEnv().hooks).toEqual([])
  })

  describe('the proxy of the environment', () => {
    const egressOf = (env: Environment): unknown => read({ DEPLOY_HOOK_URLS: urls, ...env }).read.egress

    it.each([
      [{ DEPLOY_HOOK_PROXY: 'http://a:1', HTTPS_PROXY: 'http://b:2' }, { proxy: 'http://a:1' }],
      [{ DEPLOY_HOOK_PROXY: 'a.internal:3128' }, { proxy: 'http://a.internal:3128' }],
      [
        { HTTPS_PROXY: 'http://b:2', HTTP_PROXY: 'http://c:3' },
        { proxy: { https: 'http://b:2', http: 'http://c:3' } },
      ],
      [{ HTTPS_PROXY: 'http://b:2', HTTP_PROXY: 'http://b:2' }, { proxy: 'http://b:2' }],
      [{ HTTPS_PROXY: 'http://b:2' }, { proxy: { https: 'http://b:2' } }],
      [{ http_proxy: 'http://c:3', HTTP_PROXY: 'http://d:4' }, { proxy: { http: 'http://c:3' } }],
      [{ https_proxy: ' ', HTTPS_PROXY: 'http://b:2' }, { proxy: { https: 'http://b:2' } }],
      [{ HTTP_PROXY: 'http://stranger:1', REQUEST_METHOD: 'GET' }, undefined],
      [
        { DEPLOY_HOOK_PROXY: 'http://a:1', NO_PROXY: 'localhost, .svc 10.0.0.0/8,' },
        { proxy: 'http://a:1', noProxy: ['localhost', '.svc', '10.0.0.0/8'] },
      ],
      [
        { HTTPS_PROXY: 'http://b:2', no_proxy: '*', NO_PROXY: 'x' },
        { proxy: { https: 'http://b:2' }, noProxy: ['*'] },
      ],
      [{ NO_PROXY: 'localhost' }, undefined],
      [
        { DEPLOY_HOOK_ALLOW: '10.0.0.1', DEPLOY_HOOK_PROXY: 'http://a:1' },
        { allow: ['10.0.0.1'], proxy: 'http://a:1' },
      ],
    ])('%j is %j', async (env, egress) => {
      expect(egressOf(env)).toEqual(egress)
      const settings = hooksFromEnv({ DEPLOY_HOOK_URLS: urls, DEPLOY_HOOK_SECRET_KEY: 'x', ...env })
      await createDispatcher({ ...settings, workers: false }).close()
    })

    it('drops what it does not know of NO_PROXY, with a warning', () => {
      const env = { DEPLOY_HOOK_URLS: urls, HTTPS_PROXY: 'http://b:2', NO_PROXY: 'a.test,192.168.*,b.test' }
      const { read: settings, warnings } = read(env)
      expect(settings.egress?.noProxy).toEqual(['a.test', 'b.test'])
      expect(warnings).toEqual(['NO_PROXY: dropped entry 2, which is no host, address or range'])
    })

    it.each(['DEPLOY_HOOK_PROXY', 'HTTPS_PROXY', 'http_proxy'])('is refused by the name %s', (variable) => {
      const env = { DEPLOY_HOOK_URLS: urls, [variable]: 'socks5://user:s3cret@proxy:1080' }
      expect(() => read(env)).toThrow(expect.objectContaining({ code: 'option_invalid', option: variable }))
      expect(() => read(env)).not.toThrow('s3cret')
    })

    it('is not read without hooks, and not shown', () => {
      expect(read({ HTTPS_PROXY: 'nonsense://' }).read.egress).toBeUndefined()
      const { read: settings } = read({ DEPLOY_HOOK_URLS: urls, DEPLOY_HOOK_PROXY: 'http://user:s3cret@a:1' })
      expect(settings.egress?.proxy).toBe('http://user:s3cret@a:1')
      expect(JSON.stringify(settings)).not.toContain('s3cret')
    })
  })
})
