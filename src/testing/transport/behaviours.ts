import type { Bench } from './bench.ts'

/** Sentences about every transport, each with what proves it on a bench of its own. */
export type TransportBehaviours = Readonly<Record<string, (bench: Bench) => Promise<void>>>
