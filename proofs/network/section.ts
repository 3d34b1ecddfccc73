import { spawnSync } from 'node:child_process'

/** A part of the report. */
export interface Section {
  readonly title: string
  /** Markdown. */
  readonly text: string
  /** What is not as it should be, a line each. */
  readonly wrong: readonly string[]
  /** Why nothing was done; absent when it was. */
  readonly skipped?: string
}

/** Why a section cannot run here; undefined when it can. */
export function missing(programs: readonly string[]): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root'
  const gone = programs.find((program) => spawnSync('which', [program]).status !== 0)
  return gone === undefined ? undefined : `\`${gone}\` is not installed`
}
