import PQueue from 'p-queue'

/**
 * Places for requests: so many for each hook, so many in all. A delivery waits for a place of its hook first, so a
 * hook whose requests hang fills its own lane and no other. In both queues fresh deliveries go before repeated ones.
 */
export class Lanes {
  readonly #overall: PQueue
  readonly #lanes = new Map<string, PQueue>()

  constructor(overall: number) {
    this.#overall = new PQueue({ concurrency: overall })
  }

  /** Runs the task in a place of the hook's lane. The place is held while the task runs, and no longer. */
  run<Result>(
    hook: { readonly id: string; readonly concurrency: number },
    { fresh }: { readonly fresh: boolean },
    task: () => Promise<Result>,
  ): Promise<Result> {
    let lane = this.#lanes.get(hook.id)
    if (lane === undefined) {
      lane = new PQueue({ concurrency: hook.concurrency })
      this.#lanes.set(hook.id, lane)
    }
    const priority = fresh ? 1 : 0
    return lane.add(() => this.#overall.add(task, { priority }), { priority })
  }
}
