/** The value below which this share of the values lies; the nearest rank, so it is one that was measured. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right)
  const index = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))
  const value = sorted[index]
  if (value === undefined) throw new RangeError('Expected at least one value, got none')
  return value
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}
