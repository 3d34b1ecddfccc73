export const secret = 'Tr0ub4dor-Zq9&3-correct'
/** As much of it as nobody writes by chance. */
export const part: string = secret.slice(0, 9)

/** What somebody may have put in the place of something else. */
export const wrong: readonly (readonly [what: string, value: unknown])[] = [
  ['the text', secret],
  ['a long text', secret.repeat(3000)],
  ['a list', [secret]],
  ['a list of lists', [[secret], 1]],
  ['an object', { value: secret }],
  ['a name', { [secret]: secret }],
  ['a name that looks like a word', { TrUBadorZqcorrect: 1, [secret]: {} }],
  ['a URL', `postgres://user:${secret}@db.example/platform?password=${secret}`],
  ['a URL of a long host', `http://${secret.repeat(3000)}.example`],
  ['a URL with a user', `https://${encodeURIComponent(secret)}@hooks.example/${secret}#${secret}`],
  ['a text with a control', `${secret}\0\n`],
  ['a lone surrogate', `${secret}\uD800`],
  ['a function', () => secret],
  ['an async function', async () => secret],
  ['a symbol', Symbol(secret)],
  ['an error', new Error(secret)],
  ['a map', new Map([[secret, secret]])],
  ['bytes', Buffer.from(secret)],
  ['what becomes the text', { toString: () => secret, toJSON: () => secret, valueOf: () => secret }],
  ['a date that is none', Object.assign(new Date(Number.NaN), { secret })],
]
