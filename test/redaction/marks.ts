/** Secrets by the place where each was planted. */
export const planted: Map<string, string> = new Map()

/**
 * What stands behind the first characters of a secret: letters and digits, which go anywhere; or also what URLs, forms, JSON, HTML and
 * shells escape.
 */
const kinds = { plain: 'abcdef0123456789abcdef', rich: `abcdef"é<&>/+= '\\1` } as const

/** A new secret, which can be told from everything else by its first four characters. The same for the same place. */
export function plant(place: string, kind: keyof typeof kinds = 'rich'): string {
  const known = planted.get(place)
  if (known !== undefined) return known
  const number = planted.size
  const letter = String.fromCodePoint('a'.codePointAt(0)! + (number % 26))
  const secret = `Q${letter}${Math.floor(number / 26)}k${kinds[kind]}`
  planted.set(place, secret)
  return secret
}

/** The same in the process that makes the role, and in the one that uses it. */
export const databasePassword: string = plant('password of Postgres')

/** Characters of a mark that nothing escapes. */
const coreLength = 10

/**
 * What must not be found of a text: its start, however it is spelled, since a part of a secret tells some of it.
 *
 * @param shortest characters: four of them may stand in what is no text by chance
 */
export function needlesOf(text: string, shortest = 4): readonly string[] {
  const core = text.slice(0, coreLength)
  const bytes = Buffer.from(core)
  const escaped = (escape: (byte: number) => string): string =>
    Array.from(bytes.subarray(0, shortest), escape).join('')
  return [
    core.slice(0, shortest),
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
