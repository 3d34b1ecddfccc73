import type { TargetContext } from './shape.ts'

/** When it happened, in epoch milliseconds: the release's own time, or when the delivery was recorded. The same for every attempt. */
export function occurredAt({ release: { at }, recordedAt }: TargetContext): number {
  return at === undefined ? recordedAt : Date.parse(at)
}
