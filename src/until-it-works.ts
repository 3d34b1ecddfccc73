/** How what is away is tried until it is there, or until who waits is told to stop: p-retry's options, in milliseconds. */
export const untilItWorks: {
  readonly retries: number
  readonly minTimeout: number
  readonly maxTimeout: number
  readonly factor: number
} = { retries: Number.POSITIVE_INFINITY, minTimeout: 100, maxTimeout: 5000, factor: 2 }
