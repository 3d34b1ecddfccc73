/** What a process explains, of requests that nobody should send. */
export interface ExplanationsPlan {
  readonly seed: number
  /** For each of the two verifiers. */
  readonly requests: number
}

/** What one kind of explanations took at worst. */
export interface ExplanationFigures {
  readonly requests: number
  /** Bytes that were given to the hash functions for one, in MiB. */
  readonly mostHashedMib: number
  /** Of the processor, by one, in milliseconds: of its thread, and of all of the process, whose other threads collect garbage. */
  readonly mostThreadMs: number
  readonly mostCpuMs: number
  readonly medianCpuMs: number
  /** Those whose search stopped at its bound. */
  readonly stopped: number
  /** Those that named what differs, or verified. */
  readonly explained: number
  /** What the one was like that took most of the processor. */
  readonly costliest: string
}

/** By which verifier. */
export interface ExplanationsFigures {
  readonly urls: ExplanationFigures
  readonly standard: ExplanationFigures
}
