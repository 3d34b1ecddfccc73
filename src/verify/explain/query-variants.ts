import type { HookUrl } from '../../signing/hook-url.ts'
import {
  alphabetised,
  isFurtherParameter,
  isReleaseParameter,
  rawName,
  rawPairs,
  releaseParameters,
} from '../../signing/query.ts'
import { variantsOf, type Variant } from './variants.ts'

/** Spellings of the query that the sender may have signed. */
export function queryVariants(query: string, urls: readonly HookUrl[]): readonly Variant[] {
  const changed = variantsOf(
    [{ text: query, misses: [], distance: 0 }],
    [
      { miss: 'second-question-mark', apply: (text) => withOtherSeparator(text, urls) },
      { miss: 'own-parameters', apply: (text) => withOtherParameters(text, urls) },
      { miss: 'parameters-reordered', apply: (text) => [sorted(rawPairs(text))] },
      { miss: 'plus-space', apply: (text) => [text.replaceAll('+', '%20'), text.replaceAll('%20', '+')] },
      { miss: 'tilde', apply: (text) => [text.replaceAll('~', '%7E'), text.replaceAll(/%7e/giu, '~')] },
      { miss: 'escape-case', apply: (text) => [escapes(text, 'toLowerCase'), escapes(text, 'toUpperCase')] },
    ],
    2,
  )
  return [...changed, ...changed.filter(({ distance }) => distance <= 1).flatMap(inAnyOrder)]
}

function sorted(pairs: readonly string[]): string {
  return alphabetised(pairs.filter((pair) => pair !== '')).join('&')
}

/** Deis's second `?` instead of one sorted query, and the other way round. */
function withOtherSeparator(query: string, urls: readonly HookUrl[]): readonly string[] {
  const last = query.lastIndexOf('?')
  if (last !== -1) return [sorted([...rawPairs(query.slice(0, last)), ...rawPairs(query.slice(last + 1))])]
  return urls.flatMap(({ typed }) => {
    if (typed.query === undefined) return []
    const own = new Set(rawPairs(typed.query))
    const release = rawPairs(query).filter((pair) => !own.has(pair))
    return [`${typed.query}?${release.join('&')}`]
  })
}

/** The release alone, and with the parameters of each hook URL. */
function withOtherParameters(query: string, urls: readonly HookUrl[]): readonly string[] {
  const pairs = rawPairs(query.slice(query.lastIndexOf('?') + 1))
  const release = pairs.filter((pair) => isOfFive(pair) || isFurtherParameter(rawName(pair)))
  return [release.join('&'), ...urls.map(({ wire }) => sorted([...release, ...rawPairs(wire.query ?? '')]))]
}

function escapes(query: string, change: 'toLowerCase' | 'toUpperCase'): string {
  return query.replaceAll(/%[0-9a-f]{2}/giu, (escape) => escape[change]())
}

function isOfFive(pair: string): boolean {
  return isReleaseParameter(rawName(pair))
}

// Thousands of copies of a longer query are not worth the memory.
const longestReordered = 4096

/**
 * The five parameters and the block of the others in every order: 720, however many there are. Less likely than any
 * two other changes.
 */
function inAnyOrder({ text, misses, distance }: Variant): readonly Variant[] {
  if (text.length > longestReordered) return []
  const pairs = rawPairs(text)
  const release = pairs.filter(isOfFive)
  if (release.length > releaseParameters.length) return []
  const others = pairs.filter((pair) => !isOfFive(pair)).join('&')
  return orders(others === '' ? release : [...release, others]).map((order) => ({
    text: order.join('&'),
    misses: [...misses, 'parameters-reordered'],
    distance: distance + 2.5,
  }))
}

function orders(parts: readonly string[]): readonly (readonly string[])[] {
  if (parts.length <= 1) return [parts]
  return parts.flatMap((part, index) => orders(parts.toSpliced(index, 1)).map((rest) => [part].concat(rest)))
}
