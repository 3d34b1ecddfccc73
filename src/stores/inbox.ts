import type { QueryTransaction } from './transaction.ts'

/** Releases that came to the store by another way than `dispatch()`. The workers that share the store take them. */
export interface Inbox {
  /** Gives what is there, and what comes, to a worker until the intake is closed. */
  open(taker: ReleaseTaker): Intake
}

/** Where releases are given to. */
export interface ReleaseTaker {
  /**
   * Records a release in the transaction that takes it from the inbox: both happen, or neither does.
   *
   * @throws {@link ReleaseError} when it never can: then it is not given again
   */
  take(release: unknown, options: TakeOptions): Promise<unknown>
  /** A release was refused for good. The store keeps it under this id, with the reason. */
  refused(id: string, error: Error): void
  /** The inbox could not be read, or a release not be recorded: it is given again. */
  failed(error: unknown): void
}

export interface TakeOptions {
  readonly idempotencyKey?: string | undefined
  /** Epoch milliseconds at which it was left; absent: now. */
  readonly recordedAt?: number | undefined
  readonly transaction: QueryTransaction
}

/** A worker's part. */
export interface Intake {
  /** Takes no more. Resolves when what was given is recorded or left for others. May be called again. */
  close(): Promise<void>
}
