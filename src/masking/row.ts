/** Characters of ASCII. */
export type Characters = Uint8Array

export function charactersIn(text: string): Characters {
  const characters = new Uint8Array(0x80)
  for (const character of text) characters[character.charCodeAt(0)] = 1
  return characters
}

/** Whether so many of these characters stand in a row. From the last one backwards, so that most of a text is not looked at. */
export function hasRow(text: string, characters: Characters, count: number): boolean {
  for (let last = count - 1; last < text.length;) {
    let at = last
    while (at > last - count && characters[text.charCodeAt(at)] === 1) at -= 1
    if (at === last - count) return true
    last = at + count
  }
  return false
}
