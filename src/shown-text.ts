/**
 * Texts of strangers, as people are shown them: a receiver's words, names of apps and users, messages of errors. What would steer a
 * terminal, turn the direction of what stands around it, or stand there unseen is replaced.
 */

const replacement = '\u{FFFD}'
const longestError = 4000

/** Nearly every text. */
const plain = /^[\t\n -~]*$/u

// What nobody sees (Unicode's default ignorable code points, which hold most of what turns directions), controls, and line ends of their
// own; and lone surrogates, which no encoding takes.
const unseen = String.raw`\p{Default_Ignorable_Code_Point}\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FFF9}-\u{FFFB}`
const seen = String.raw`[[\u{80}-\u{10FFFF}]--[${unseen}]]`
const selector = String.raw`\p{Variation_Selector}`

/**
 * Tab and line feed stay. So do what scripts and emoji are written with: a joiner between two characters that are not ASCII, and a
 * variation selector behind one that is seen.
 */
const replaced = new RegExp(
  String.raw`[[${unseen}]--[\t\n]](?<!${seen}${selector}?[\u{200C}\u{200D}](?=${seen})|(?:[!-~]|${seen})${selector})`,
  'gv',
)

/** A text of which everything is seen. */
export function shownText(text: string): string {
  return plain.test(text) ? text : text.replaceAll(replaced, replacement)
}

/** What an error says, whatever was thrown: to tell of it must neither throw nor have no end. It is not {@link shownText} yet. */
export function textOfError(error: unknown): string {
  try {
    return String(error).slice(0, longestError)
  } catch {
    return `a value of type ${typeof error} that has no text`
  }
}
