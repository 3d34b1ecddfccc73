import { shownText } from '../shown-text.ts'
import { keptBytes } from '../http/transport.ts'
import { Automaton, type Span } from './automaton.ts'
import { charactersIn, hasRow } from './row.ts'
import { Sensitive } from './sensitive.ts'
import { shortestSecret, type Sought } from './sought.ts'
import { mayHoldEscapes, Spelled } from './spelled.ts'

const mask = '[masked]'
const leftOut = '[left out: it could not be searched for secrets]'
const noSpans: readonly Span[] = []

/** Characters of the shortest one: SHA-1 in hexadecimal. */
const shortestSignature = 40
/** What one in hexadecimal may be spelled in; and one in base64, of which forms read `+` as a blank, and which base64url writes as a hyphen. */
const ofHex = charactersIn('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_+/=%\\&;#')
const ofBase64 = ofHex.with(0x20, 1).with(0x2d, 1)
const hexadecimal = /^[\da-f]*$/u

/** Used for one text after the other. */
const asItIs = new Spelled()
const decoded = new Spelled()
const automaton = new Automaton()

/** Texts to be masked wherever they are found: those of four characters or more. Nothing is made of them before there is an answer. */
export function maskable(texts: readonly string[] | (() => readonly string[])): readonly Sensitive[] {
  return [new Sensitive(typeof texts === 'function' ? texts : () => texts)]
}

/**
 * What proves one request. It is made for each, and seldom echoed, so that it is looked for only where there may be one. Each alone: Standard
 * Webhooks have one for each secret in a header (`v1,… v1a,…`), and an echo may have any of them, without its version.
 */
export function signatures(proof: string): Sensitive {
  const each = (): readonly string[] =>
    proof.split(' ').map((signature) => signature.slice(signature.indexOf(',') + 1))
  return new Sensitive(each, (text) =>
    hasRow(text, hexadecimal.test(proof) ? ofHex : ofBase64, shortestSignature),
  )
}

/**
 * The start of an answer as text, 4 KiB at most, with every sensitive text masked as people may be shown it. It never throws: what could not
 * be searched is left out.
 *
 * It takes time that is linear in the answer, and in what is looked for, which is bounded for every hook ({@link soughtFor}).
 *
 * @param isCut whether the answer goes on: then its end may hold the first part of a sensitive text
 * @param shortest length of a text that is masked
 */
export function excerptOf(
  body: Uint8Array,
  texts: readonly Sensitive[],
  isCut = false,
  shortest: number = shortestSecret,
): string {
  try {
    const length = Math.min(body.byteLength, keptBytes)
    if (length === 0) return '' // as many answers are
    const text = Buffer.from(body.buffer, body.byteOffset, length).toString('utf8')
    if (text.length < shortestSecret) return printable(text) // `ok`, as most answers are
    const goesOn = isCut || length < body.byteLength
    const excerpt = goesOn ? withoutHalf(text) : text
    const may = goesOn ? texts : texts.filter((some) => some.mayStandIn(text))
    return printable(masked(excerpt, spansIn(excerpt, may, goesOn, shortest)))
  } catch {
    return leftOut
  }
}

function printable(text: string): string {
  const shown = shownText(text)
  return shown === text ? text : flat(shown)
}

/** The same text in one piece: V8 keeps what was replaced as a rope, of 130 KB for the 4 KiB of a compressed answer. */
function flat(text: string): string {
  return Buffer.from(text).toString('utf8')
}

/** Without what is left of a character that is cut in two. */
function withoutHalf(text: string): string {
  let end = text.length
  while (end > text.length - 3 && text.charCodeAt(end - 1) === 0xfffd) end -= 1
  return text.slice(0, end)
}

/** Where the texts stand, as it is and as it is read: beside the half of an escape what is not escaped reads otherwise (`%` and `41abc`). */
function spansIn(
  text: string,
  texts: readonly Sensitive[],
  isCut: boolean,
  shortest: number,
): readonly Span[] {
  const found = new Set<Sought>()
  for (const { starts } of texts) starts.addFoundIn(text, found)
  const isEscaped = mayHoldEscapes(text)
  if (isEscaped) {
    decoded.read(text)
    for (const { starts } of texts) starts.addFoundInRead(decoded, found)
  }
  if (found.size === 0) return noSpans
  automaton.lookFor([...found].filter(({ size }) => size >= shortest))
  const spans = automaton.spansIn(asItIs.readAsItIs(text), isCut)
  if (!isEscaped) return spans
  const others = automaton.spansIn(decoded, isCut).map(({ start, end }) => ({
    start: decoded.startOf(start),
    end: decoded.endOf(end - 1),
  }))
  return [...spans, ...others]
}

function masked(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  let shown = ''
  let from = -1
  for (const { start, end } of spans.toSorted((one, other) => one.start - other.start)) {
    if (start > from) shown += text.slice(Math.max(0, from), start) + mask
    from = Math.max(from, end)
  }
  return flat(shown + text.slice(from))
}
