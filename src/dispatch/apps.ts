/**
 * Whether a name matches a pattern in which `*` stands for any text: `web-*`. Linear in the name's length:
 * every part is looked for once, from left to right.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  const [head = '', ...parts] = pattern.split('*')
  const tail = parts.pop()
  if (tail === undefined) return name === pattern
  if (!name.startsWith(head) || name.length < head.length + tail.length || !name.endsWith(tail)) return false
  let from = head.length
  const end = name.length - tail.length
  for (const part of parts) {
    const found = name.indexOf(part, from)
    if (found === -1 || found + part.length > end) return false
    from = found + part.length
  }
  return true
}
