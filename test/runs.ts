/**
 * How often fast-check tries a property: so often in the tests, and `RUNS` times as often in `npm run proofs -- properties`.
 *
 * @example fc.assert(fc.property(anyRelease, isStable), runs(100))
 */
export function runs(few: number): { readonly numRuns: number } {
  return { numRuns: few * Number(process.env['RUNS'] ?? 1) }
}
