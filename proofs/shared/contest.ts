import { median } from './statistics.ts'

/** One way of doing the work that is measured: one call of `measure` is one sample of each figure. */
export interface Contestant<Figure extends string> {
  readonly name: string
  /** Says what it does, for the report. */
  readonly does: string
  measure(): Promise<Record<Figure, number>>
}

export interface ContestOptions {
  /** Rounds that count. */
  readonly rounds: number
  /** Rounds before them, which do not count: they load, compile and connect. */
  readonly warmUpRounds: number
}

export interface Standing<Figure extends string> {
  readonly name: string
  readonly does: string
  /** Median over the rounds. */
  readonly median: Readonly<Record<Figure, number>>
  /** Median of the ratios to the reference within each round, so that what slows a whole round down cancels out. */
  readonly ratio: Readonly<Record<Figure, number>>
}

/**
 * Lets the contestants take turns, round by round, forwards and backwards: whatever else the machine does meanwhile, and
 * whatever the one before leaves behind, then meets all of them. Garbage is not collected in between: after a forced
 * collection createHmac takes a third longer for the whole turn, which happens in no server.
 *
 * @param reference the contestant that ratios are taken to
 */
export async function contest<Figure extends string>(
  contestants: readonly Contestant<Figure>[],
  reference: Contestant<Figure>,
  { rounds, warmUpRounds }: ContestOptions,
): Promise<readonly Standing<Figure>[]> {
  const samples = new Map<Contestant<Figure>, Record<Figure, number>[]>(
    contestants.map((contestant) => [contestant, []]),
  )
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    const turns = round % 2 === 0 ? contestants : contestants.toReversed()
    for (const contestant of turns) {
      const sample = await contestant.measure()
      if (round >= 0) samples.get(contestant)?.push(sample)
    }
  }
  const base = samples.get(reference) ?? []
  return contestants.map((contestant) => standingOf(contestant, samples.get(contestant) ?? [], base))
}

function standingOf<Figure extends string>(
  { name, does }: Contestant<Figure>,
  samples: readonly Record<Figure, number>[],
  base: readonly Record<Figure, number>[],
): Standing<Figure> {
  const figures = Object.keys(samples[0] ?? {}) as Figure[]
  const each = (read: (figure: Figure) => number): Record<Figure, number> =>
    Object.fromEntries(figures.map((figure) => [figure, read(figure)])) as Record<Figure, number>
  return {
    name,
    does,
    median: each((figure) => median(samples.map((sample) => sample[figure]))),
    ratio: each((figure) =>
      median(samples.map((sample, round) => sample[figure] / (base[round]?.[figure] ?? Number.NaN))),
    ),
  }
}
