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

/** For a request or options that cannot be read: there is nothing to tell of them. */
export function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
