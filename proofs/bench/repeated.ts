import type { Contestant } from '../shared/contest.ts'

/** Microseconds for one piece of work. */
export type MicrosFigure = 'micros'

export interface Work<Input> {
  readonly name: string
  readonly does: string
  /** Taken in turn, so that nothing can be known by heart. */
  readonly inputs: readonly Input[]
  /** How often the work is done in a round. */
  readonly times: number
}

/** Work that is too short to be timed once: it is done many times. A false result ends the run. */
export function repeated<Input>(
  work: Work<Input>,
  once: (input: Input) => boolean,
): Contestant<MicrosFigure> {
  const { name, does, inputs } = work
  const all = (): void => {
    for (const input of inputs) if (!once(input)) throw unsuccessful(name)
  }
  all()
  return {
    name,
    does,
    measure: () => {
      const rounds = roundsOf(work)
      const startedAt = performance.now()
      for (let round = 0; round < rounds; round += 1) all()
      return Promise.resolve(figureOf(startedAt, rounds * inputs.length))
    },
  }
}

/** The same for work that gives a promise. */
export async function repeatedAsync<Input>(
  work: Work<Input>,
  once: (input: Input) => Promise<boolean>,
): Promise<Contestant<MicrosFigure>> {
  const { name, does, inputs } = work
  const all = async (): Promise<void> => {
    for (const input of inputs) if (!(await once(input))) throw unsuccessful(name)
  }
  await all()
  return {
    name,
    does,
    measure: async () => {
      const rounds = roundsOf(work)
      const startedAt = performance.now()
      for (let round = 0; round < rounds; round += 1) await all()
      return figureOf(startedAt, rounds * inputs.length)
    },
  }
}

function roundsOf({ times, inputs }: Work<unknown>): number {
  return Math.ceil(times / inputs.length)
}

function figureOf(startedAt: number, times: number): Record<MicrosFigure, number> {
  return { micros: ((performance.now() - startedAt) * 1000) / times }
}

function unsuccessful(name: string): Error {
  return new Error(`Expected success of ${name}`)
}
