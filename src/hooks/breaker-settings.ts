/** When a hook is left alone for a while. */
export interface BreakerSettings {
  /** Share of failed attempts in the window, from 0 to 1, at which it opens. @default 0.7 */
  readonly failureShare: number
  /** Attempts in the window before it may open. @default 10 */
  readonly minimum: number
  /** Length of the window in milliseconds. @default 5 minutes */
  readonly windowMs: number
  /** Time in milliseconds that it stays open before one delivery is tried. @default 30 s */
  readonly openMs: number
  /** Each time that one fails too it stays open twice as long, up to this many milliseconds. @default 5 minutes */
  readonly maxOpenMs: number
}

/** Parts that differ from the default ones; `undefined` is the default. */
export type BreakerOptions = { readonly [Part in keyof BreakerSettings]?: BreakerSettings[Part] | undefined }

export const defaultBreaker: BreakerSettings = {
  failureShare: 0.7,
  minimum: 10,
  windowMs: 5 * 60_000,
  openMs: 30_000,
  maxOpenMs: 5 * 60_000,
}
