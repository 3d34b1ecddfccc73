export interface ClosedLoopOptions {
  /** Deliveries in all. */
  readonly deliveries: number
  /** Workers. */
  readonly inFlight: number
}

export type ThroughputFigure = 'perSecond' | 'cpuMicros'

/**
 * So many workers, each of which starts its next piece of work as soon as it knows that its last one is done.
 *
 * @param deliver does one piece of work, of `each` deliveries
 * @returns deliveries a second, and the CPU time of each in this process, all its threads
 */
export async function closedLoop(
  { deliveries, inFlight }: ClosedLoopOptions,
  deliver: () => Promise<unknown>,
  each = 1,
): Promise<Record<ThroughputFigure, number>> {
  let left = deliveries
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= each
      await deliver()
    }
  }
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  return { perSecond: deliveries / seconds, cpuMicros: (cpu.user + cpu.system) / deliveries }
}
