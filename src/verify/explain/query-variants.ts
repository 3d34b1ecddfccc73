import type { HookUrl } from '../../signing/hook-url.ts'
import {
  alphabetised,
  isFurtherParameter,
  isReleaseParameter,
  rawName,
  rawPairs,
  releaseParameters,
} from '../../signing/query.ts'
import type { Budget } from './budget.ts'
import { levelsOf, variantsOf, type Levels, type Variant } from './variants.ts'

/** Spellings of the query that the sender may have signed. */
export function queryVariants(query: string, urls: readonly HookUrl[], budget: Budget): Levels {
  const respelled =
    (apply: (text: string) => readonly string[]) =>
    (text: string): readonly string[] => {
      budget.read(perRespelled * text.length)
      return apply(text)
    }
  const asItCame: readonly Variant[] = [{ text: query, misses: [], distance: 0 }]
  const changed = variantsOf(
    asItCame,
    [
      { miss: 'second-question-mark', apply: (text) => withOtherSeparator(text, urls, budget) },
      { miss: 'own-parameters', apply: (text) => withOtherParameters(text, urls, budget) },
      { miss: 'parameters-reordered', apply: (text) => sorted(rawPairs(text), budget) },
      { miss: 'plus-space', apply: respelled(withOtherSpaces) },
      { miss: 'tilde', apply: respelled(withOtherTildes) },
      { miss: 'escape-case', apply: respelled(withOtherEscapes) },
    ],
    2,
    budget,
  )
  return {
    distances: [...changed.distances, ...[0, 1].map((distance) => distance + anyOrder)],
    at: levelsOf((distance) => spellings(distance)),
  }

  function* spellings(distance: number): Generator<Variant> {
    if (Number.isInteger(distance)) yield* changed.at(distance)
    else for (const variant of changed.at(distance - anyOrder)) yield* inAnyOrder(variant, budget)
  }
}

// Where each character is replaced by itself, and where each pair is compared with ten others.
const perRespelled = 10
const perSorted = 500
const perPair = 10

/** No hook URL has more, in 4,096 characters, and putting more in order takes long. */
const mostSorted = 2100

function* sorted(pairs: readonly string[], budget: Budget): Generator<string> {
  const some = pairs.filter((pair) => pair !== '')
  if (some.length > mostSorted) return
  budget.read(perSorted * some.length)
  yield alphabetised(some).join('&')
}

/** Deis's second `?` instead of one sorted query, and the other way round. */
function* withOtherSeparator(query: string, urls: readonly HookUrl[], budget: Budget): Generator<string> {
  const last = query.lastIndexOf('?')
  if (last !== -1) {
    yield* sorted([...rawPairs(query.slice(0, last)), ...rawPairs(query.slice(last + 1))], budget)
    return
  }
  const pairs = rawPairs(query)
  for (const own of new Set(urls.flatMap(({ typed }) => typed.query ?? []))) {
    budget.read(perPair * pairs.length + own.length)
    const owned = new Set(rawPairs(own))
    yield `${own}?${pairs.filter((pair) => !owned.has(pair)).join('&')}`
  }
}

/** The release alone, and with the parameters of each hook URL. */
function* withOtherParameters(query: string, urls: readonly HookUrl[], budget: Budget): Generator<string> {
  const pairs = rawPairs(query.slice(query.lastIndexOf('?') + 1))
  const release = pairs.filter((pair) => isOfFive(pair) || isFurtherParameter(rawName(pair)))
  yield release.join('&')
  for (const own of new Set(urls.map(({ wire }) => wire.query ?? ''))) {
    budget.read(perPair * release.length)
    yield* sorted([...release, ...rawPairs(own)], budget)
  }
}

function withOtherSpaces(query: string): readonly string[] {
  return [query.replaceAll(/\+/gu, '%20'), query.replaceAll(/%20/gu, '+')]
}

function withOtherTildes(query: string): readonly string[] {
  return [query.replaceAll(/~/gu, '%7E'), query.replaceAll(/%7e/giu, '~')]
}

function withOtherEscapes(query: string): readonly string[] {
  const cases = ['toLowerCase', 'toUpperCase'] as const
  return cases.map((change) => query.replaceAll(/%[0-9a-f]{2}/giu, (escape) => escape[change]()))
}

function isOfFive(pair: string): boolean {
  return isReleaseParameter(rawName(pair))
}

// Thousands of copies of a longer query are not worth the memory.
const longestReordered = 4096
/** Less likely than any two other changes. */
const anyOrder = 2.5

/** The five parameters and the block of the others in every order: 720, however many there are. */
function inAnyOrder({ text, misses, distance }: Variant, budget: Budget): readonly Variant[] {
  if (text.length > longestReordered) return []
  const pairs = rawPairs(text)
  const release = pairs.filter(isOfFive)
  if (release.length > releaseParameters.length) return []
  const others = pairs.filter((pair) => !isOfFive(pair)).join('&')
  return orders(others === '' ? release : [...release, others]).map((order) => {
    budget.read(text.length + perPair)
    return {
      text: order.join('&'),
      misses: [...misses, 'parameters-reordered'],
      distance: distance + anyOrder,
    }
  })
}

function orders(parts: readonly string[]): readonly (readonly string[])[] {
  if (parts.length <= 1) return [parts]
  return parts.flatMap((part, index) => orders(parts.toSpliced(index, 1)).map((rest) => [part].concat(rest)))
}
