/** Why a request does not verify, in words, without a secret, a signature or a value of a parameter in them. */

export function lines(...text: readonly string[]): string {
  return text.join('\n')
}

/** A line for each near miss: what it means, and what to do. */
export function advised<Miss extends string>(
  misses: readonly Miss[],
  advice: Readonly<Record<Miss, string>>,
): readonly string[] {
  return misses.map((miss) => `- ${miss}: ${advice[miss]}`)
}

/** What the end of the budget means: what was tried, how far that reached, and what to do. */
export function stopped(tried: string, reach: string, advice: string): string {
  return `- The search stopped at its bound, after ${tried}: ${reach}, and not all that is further off. ${advice}`
}

/** The same where not even the verdict was reached. */
export function stoppedEarly(tried: string): string {
  return `The request cannot be explained: the bound was reached before it was verified, after ${tried}. Give the verifier fewer URLs and secrets, or explain a smaller request.`
}

/** For a request or options that cannot be read: there is nothing to tell of them. */
export function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
