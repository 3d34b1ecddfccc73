export interface Proof {
  /** Beside this file. */
  readonly script: string
  /** Arguments of a run that takes a minute or so: it shows that the proof works, not that the library does. @default all of it */
  readonly quick?: string
}

/** In the order in which they run, by the names that `npm run proofs` takes. README.md says what each is. */
export const proofs: Readonly<Record<string, Proof>> = {
  bench: { script: 'bench/run.ts', quick: '--rounds 1 --only delivery,own-cost,dispatch,signing' },
  isolation: {
    script: 'isolation/run.ts',
    quick: '--rounds 1 --seconds 2 --pairs 2000 --only hang,backlog,answers',
  },
  structure: { script: 'structure/run.ts' },
  moves: { script: 'moves/run.ts' },
  simulation: { script: 'simulation/run.ts' },
  soak: { script: 'soak/run.ts', quick: '--times 50 --only reset,black-hole,garbage' },
  properties: { script: 'properties/run.ts', quick: '--times 2' },
  network: { script: 'network/run.ts', quick: '--only tinyproxy' },
  'torture/sqlite': {
    script: 'torture/sqlite.ts',
    quick: '--kills 5 --deliveries 2000 --terms 3',
  },
  'torture/postgres': {
    script: 'torture/postgres.ts',
    quick: '--kills 4 --restarts 1 --deliveries 1000',
  },
  'torture/commit-kills': { script: 'torture/commit-kills.ts', quick: '--kills 20' },
  'torture/torn-files': { script: 'torture/torn-files.ts', quick: '--count 100' },
  'torture/disk-faults': { script: 'torture/disk-faults.ts', quick: '--rounds 1' },
  'torture/upgrade': { script: 'torture/upgrade.ts', quick: '--deliveries 5000 --hooks 100' },
  'torture/news': {
    script: 'torture/news.ts',
    quick: '--memory 300 --sqlite 20 --postgres 20 --races 20 --rollouts 10 --events 20',
  },
  'torture/triggers': {
    script: 'torture/triggers.ts',
    quick: '--kills 4 --calls 300 --requests 500 --slow 50',
  },
}

/**
 * Names of proofs: of each that is given, and of all in a folder that is given; of all when none is.
 *
 * @throws RangeError for one that there is not
 */
export function namesOf(given: readonly string[]): readonly string[] {
  const all = Object.keys(proofs)
  const isMeant = (name: string, wanted: string): boolean => name === wanted || name.startsWith(`${wanted}/`)
  const unknown = given.find((wanted) => !all.some((name) => isMeant(name, wanted)))
  if (unknown !== undefined) {
    throw new RangeError(`Expected proofs among ${all.join(', ')}, or \`torture\`, got \`${unknown}\``)
  }
  return given.length === 0 ? all : all.filter((name) => given.some((wanted) => isMeant(name, wanted)))
}
