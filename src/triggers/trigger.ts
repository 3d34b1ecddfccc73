import type { TriggerRecord } from '../stores/triggers/records.ts'

/** A trigger, without what proves who may call it: of its tokens the last four characters are known. */
export interface Trigger extends Omit<TriggerRecord, 'tokens'> {
  /** Newest first. One that ends has been rotated away. */
  readonly tokens: readonly { readonly hint: string; readonly expiresAt?: number | undefined }[]
}

export function shownTrigger({ tokens, ...trigger }: TriggerRecord): Trigger {
  return {
    ...trigger,
    tokens: tokens.map(({ hint, expiresAt }) => ({
      hint,
      ...(expiresAt === undefined ? undefined : { expiresAt }),
    })),
  }
}
