/** Secrets that can be told from everything else by their first four characters, with what URLs, JSON and HTML escape behind. */
export const marks = {
  key: `Qk9keyabcdef"é<&>/+= '\\1`,
  token: `Qt1tokabcdef/+="é<& \\x`,
  path: 'Qp2pathabcdef-é~0123456789',
  proxy: 'Qx3proxyabcdef:/é@ 1',
  passphrase: 'Qz4phraseabcdef é',
} as const

/** Characters of a mark that nothing escapes. */
const coreLength = 12
const shortestFragment = 4

/** What must not be found of a text: its start, however it is spelled, since a part of a secret tells some of it. */
export function needlesOf(text: string): readonly string[] {
  const core = text.slice(0, coreLength)
  const bytes = Buffer.from(core)
  const escaped = (escape: (byte: number) => string): string =>
    Array.from(bytes.subarray(0, shortestFragment), escape).join('')
  return [
    core.slice(0, shortestFragment),
    escaped((byte) => `%${byte.toString(16)}`),
    escaped((byte) => `\\u00${byte.toString(16)}`),
    escaped((byte) => `&#${byte};`),
    bytes.toString('hex'),
    ...[0, 1, 2].map((shift) => base64Within(bytes, shift)),
  ]
}

/** What base64 makes of the bytes behind so many others, without the ends, which depend on what is around. */
function base64Within(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/u, '')
  return text.slice(Math.ceil((shift * 4) / 3), -2)
}
