/** What a receiver says of what it started. A status that the target does not know is `unknown`, never a success. */
export type RemoteStatus = (typeof remoteStatuses)[number]

export const remoteStatuses = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'skipped',
  'unknown',
] as const

/** What a receiver's answers told: the deployment, build or message that the release became there. Secrets are masked in all of it, and what nobody could see is replaced. */
export interface Remote {
  /** The receiver's own name for it: any text, of at most 500 characters, and no link. */
  readonly id?: string
  /** Where a person can look at it: an absolute http or https URL of at most 2,000 characters. What is none is left out. */
  readonly url?: string
  readonly status?: RemoteStatus
  /** What went wrong, in the receiver's words: `channel_is_archived`. */
  readonly error?: string
  /** Where the last answer redirected to, which is never followed: scheme, host and path, or `/…` for a path that is secret, or unfit to be shown. */
  readonly location?: string
}
