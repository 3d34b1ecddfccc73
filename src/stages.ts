/**
 * Where a release stands: recorded by the platform and not rolled out yet, rolled out, or what else became of it.
 *
 * `released` is when Deis fires its hooks, and what a release without a stage is.
 */
export type Stage = (typeof stages)[number]

export const stages = ['released', 'succeeded', 'failed', 'rolled-back'] as const

/** Receivers read it without zod. */
export function isStage(text: string): text is Stage {
  return (stages as readonly string[]).includes(text)
}
