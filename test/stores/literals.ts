/** What stands in the place of what is not known: a name, or more. */
export const hole = '\u{25C6}'

/** Where a slash begins a regular expression, and is no division. */
const beforeRegex = /(?:^|[(,=:[!&|?{};]|\breturn)\s*$/u

/** The strings and templates of a module, without what is put into templates; strings within that are literals too. */
export function literalsIn(source: string): readonly string[] {
  const literals: string[] = []
  scan(source, 0, literals, false)
  return literals
}

/** @returns where it ends: behind the brace that closes what is put into a template, or at the end */
function scan(source: string, start: number, literals: string[], isHole: boolean): number {
  let depth = 0
  let at = start
  while (at < source.length) {
    const character = source.charAt(at)
    if (source.startsWith('//', at)) at = after(source, '\n', at)
    else if (source.startsWith('/*', at)) at = after(source, '*/', at)
    else if (character === '`') at = template(source, at + 1, literals)
    else if (character === "'" || character === '"') at = string(source, at, literals)
    else if (character === '/' && beforeRegex.test(source.slice(0, at))) at = regex(source, at + 1)
    else {
      if (character === '{') depth += 1
      if (character === '}') depth -= 1
      at += 1
      if (isHole && depth < 0) return at
    }
  }
  return at
}

function after(source: string, end: string, from: number): number {
  const at = source.indexOf(end, from)
  return at === -1 ? source.length : at + end.length
}

function string(source: string, start: number, literals: string[]): number {
  let at = start + 1
  while (source.charAt(at) !== source.charAt(start)) at += source.charAt(at) === '\\' ? 2 : 1
  literals.push(source.slice(start + 1, at))
  return at + 1
}

function regex(source: string, start: number): number {
  let at = start
  let isClass = false
  while (isClass || source.charAt(at) !== '/') {
    if (source.charAt(at) === '[') isClass = true
    if (source.charAt(at) === ']') isClass = false
    at += source.charAt(at) === '\\' ? 2 : 1
  }
  return at + 1
}

function template(source: string, start: number, literals: string[]): number {
  let text = ''
  let at = start
  while (source.charAt(at) !== '`') {
    if (source.startsWith('${', at)) {
      text += hole
      at = scan(source, at + 2, literals, true)
      continue
    }
    const length = source.charAt(at) === '\\' ? 2 : 1
    text += source.slice(at, at + length)
    at += length
  }
  literals.push(text)
  return at + 1
}
