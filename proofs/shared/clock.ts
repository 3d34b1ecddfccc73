/** Epoch milliseconds with their fractions. What processes of one machine read differs by microseconds. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
