/** setTimeout's limit in milliseconds: with a longer delay it would fire at once. */
export const longestTimerMs: number = 2 ** 31 - 1
