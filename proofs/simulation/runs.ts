import { figuresOf, type Figures } from './figures.ts'
import { downs, type Plan } from './plans.ts'
import type { Traffic } from './platform.ts'
import type { Down } from './receiver.ts'

export interface Scenario {
  readonly traffic: Traffic
  readonly down: Down
}

/** One simulated outage, and what it came to. */
export interface Run extends Scenario {
  readonly plan: Plan
  readonly figures: Figures
}

/** Every traffic of a plan, with every way of being down. */
export async function runsOf(plan: Plan): Promise<readonly Run[]> {
  const runs: Run[] = []
  for (const traffic of plan.traffics)
    for (const down of downs) {
      const figures = await figuresOf({ down, downMs: plan.downMs, traffic })
      runs.push({ plan, traffic, down, figures })
    }
  return runs
}
