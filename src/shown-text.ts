/**
 * Texts of strangers, as people are shown them: a receiver's words, names of apps and users, messages of errors. What would steer a
 * terminal, turn the direction of what stands around it, or stand there unseen is replaced.
 */

const replacement = '\u{FFFD}'
/** In characters: what an error says may go on. */
export const longestError = 4000

/** Nearly every text. */
const plain = /^[\t\n -~]*$/u

/**
 * What nobody sees (Unicode's default ignorable code points, which hold most of what turns directions), controls but tab and line feed, and
 * line ends of their own; and lone surrogates, which no encoding takes.
 */
const unseen = /[[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FFF9}-\u{FFFB}]--[\t\n]]/gv
const selector = /^\p{Variation_Selector}$/v
const joiner = /^[\u{200C}\u{200D}]$/v

/** A text of which everything is seen. */
export function shownText(text: string): string {
  if (plain.test(text)) return text
  return text.replaceAll(unseen, (character, at: number) =>
    isWritten(character, at, text) ? character : replacement,
  )
}

/** Scripts and emoji are written with a joiner between two characters that are not ASCII, and a variation selector behind one that is seen. */
function isWritten(character: string, at: number, text: string): boolean {
  const before = characterBefore(at, text)
  if (selector.test(character)) return isSeen(before) || (before > ' ' && before < '\u{7F}')
  if (!joiner.test(character)) return false
  const joined = selector.test(before) ? characterBefore(at - before.length, text) : before
  return isSeen(joined) && isSeen(characterAt(at + character.length, text))
}

/** And is not ASCII. */
function isSeen(character: string): boolean {
  return character > '\u{7F}' && character.replaceAll(unseen, '') !== ''
}

function characterAt(at: number, text: string): string {
  const code = text.codePointAt(at)
  return code === undefined ? '' : String.fromCodePoint(code)
}

function characterBefore(end: number, text: string): string {
  const character = characterAt(end - 2, text)
  return character.length === 2 ? character : text.slice(Math.max(0, end - 1), end)
}

/** What an error says, whatever was thrown: to tell of it must neither throw nor have no end. It is not {@link shownText} yet. */
export function textOfError(error: unknown): string {
  try {
    return String(error).slice(0, longestError)
  } catch {
    return `a value of type ${typeof error} that has no text`
  }
}
