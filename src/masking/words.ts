const longestWord = 15
/** Letters that are no token, whatever they are: `https`, `xlsx`. */
const noToken = 5
/** Letters of one of two words that may be any: `my-app`. */
const shortWord = 2
/** Letters of each of two words that are written as one: fewer are met in tokens. */
const shortestJoined = 4

/**
 * Whether a text is a plain word, or two: `webhooks`, `IncomingWebhook`, `build-hooks`, `production`. Everybody knows it, so it is no
 * secret, and it stands in answers that echo nothing.
 *
 * A word has 15 letters at most, small ones behind the first or capitals alone, and can be pronounced: it has vowels, no five consonants
 * and no four vowels in a row, and no pair of letters that no word has. With five letters or fewer it may be anything. Of random letters and digits
 * a text of 8 is like that once in 500, one of 12 once in 20,000, and one of 16 once in a million; a password that is a word is taken for one.
 */
export function isPlain(text: string): boolean {
  if (text.length > 2 * longestWord + 1) return false
  if (text.length <= noToken && /^[a-z]+$/iu.test(text)) return true
  const [one = '', other, ...more] = text.split(/[-_.+ ]/u)
  if (other !== undefined)
    return more.length === 0 && [one, other].every((word) => isShort(word) || isWord(word))
  const words = one.split(/(?<=[a-z])(?=[A-Z][a-z])/u)
  return (
    isWord(one) ||
    (words.length === 2 && words.every((word) => word.length >= shortestJoined && isWord(word)))
  )
}

function isShort(text: string): boolean {
  return text.length <= shortWord && /^[a-z]+$/u.test(text)
}

function isWord(text: string): boolean {
  if (text.length > longestWord || !/^(?:[A-Z]?[a-z]+|[A-Z]+)$/u.test(text)) return false
  const word = text.toLowerCase()
  const vowels = word.replaceAll(/[^aeiouy]/gu, '').length
  return vowels >= word.length / 5 && !/[^aeiouy]{5}|[aeiouy]{4}|q(?!u|$)|[jv](?![aeiouy]|$)/u.test(word)
}

/** Whether a parameter's name says that its value is a secret, whatever it looks like: `token`, `api_key`, `sig`. */
export function namesSecret(name: string): boolean {
  return /token|secret|key|pass|pwd|cred|code|hash|session|hmac|jwt|bearer|auth(?!or)|sig(?:$|[^a-z]|nature)/iu.test(
    name,
  )
}
