/** What git takes for a branch, as far as a URL can hold it: no blank, no control, no `..` (git-check-ref-format). */
const pattern = /^[^\p{Cc}\p{Cs}\s~^:?*[\\]{1,255}$/u

export function isBranchName(text: string): boolean {
  return pattern.test(text) && !text.includes('..')
}
