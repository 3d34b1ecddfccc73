/** The first characters of a text: code points, so that none is cut in two. */
export function shortened(text: string, characters: number): string {
  return text.length <= characters ? text : Array.from(text).slice(0, characters).join('')
}
