import { violationOf, type Report } from '../../shared/report.ts'
import { faults, type Ending, type Trial } from './plan.ts'

/** Numbers of releases in the database. */
export interface Rows {
  /** In the controllers' own table. */
  readonly own: ReadonlySet<number>
  readonly deliveries: ReadonlySet<number>
  /** Left by the SQL function, and not taken yet. */
  readonly left: ReadonlySet<number>
  /** Whose delivery has not been delivered. */
  readonly waiting: ReadonlySet<number>
}

export interface Outcome {
  readonly trials: readonly Trial[]
  /** What the controllers knew. */
  readonly endings: ReadonlyMap<number, Ending>
  /** When the last controller had ended, and when a worker had sent all there was. */
  readonly before: Rows
  readonly after: Rows
  /** By number, how often the receiver was asked. */
  readonly received: ReadonlyMap<number, number>
}

/** Compares what there is. */
export function judge({ trials, endings, before, after, received }: Outcome): Report {
  const those = (is: (trial: Trial) => boolean): readonly Trial[] => trials.filter(is)
  const ended = (ending: Ending): readonly Trial[] =>
    those(({ number }) => (endings.get(number) ?? 'unknown') === ending)
  const isTold = (rows: Rows, number: number): boolean => rows.deliveries.has(number) || rows.left.has(number)
  const named = (list: readonly Trial[]): readonly string[] => list.map((trial) => JSON.stringify(trial))
  const unknown = ended('unknown')
  return {
    title: 'around COMMIT',
    figures: {
      releases: trials.length,
      ...Object.fromEntries(faults.map((fault) => [fault, those((trial) => trial.fault === fault).length])),
      'known to be committed': ended('committed').length,
      'known to be rolled back': ended('rolled back').length,
      'unknown to the controller': unknown.length,
      '… and committed': unknown.filter(({ number }) => before.own.has(number)).length,
      'release rows': before.own.size,
      'deliveries by dispatch()': before.deliveries.size,
      'left by the SQL function': before.left.size,
      'deliveries in the end': after.deliveries.size,
      'received once': [...received.values()].filter((times) => times === 1).length,
      'received again': [...received.values()].filter((times) => times > 1).length,
    },
    violations: [
      ...violationOf(
        named(those(({ number }) => before.own.has(number) && !isTold(before, number))),
        'A release is there without a delivery',
      ),
      ...violationOf(
        named(those(({ number }) => !before.own.has(number) && isTold(before, number))),
        'A delivery is there without its release',
      ),
      ...violationOf(
        named(ended('committed').filter(({ number }) => !before.own.has(number))),
        'What was committed is not there',
      ),
      ...violationOf(
        named(ended('rolled back').filter(({ number }) => before.own.has(number))),
        'What was rolled back is there',
      ),
      ...violationOf(
        named(those(({ number }) => after.own.has(number) !== after.deliveries.has(number))),
        'A release and its delivery differ in the end',
      ),
      ...violationOf(
        named(those(({ number }) => after.own.has(number) !== received.has(number))),
        'What was received and what is there differ',
      ),
      ...violationOf([...after.waiting, ...after.left].map(String), 'Something was not delivered in the end'),
    ],
  }
}
