import { defaultSchedule } from 'deploy-hooks'
import { inWords } from '../durations.ts'
import { tableOf } from '../table.ts'

interface Step {
  readonly attempt: number
  readonly delayMs: number
  readonly afterMs: number
}

/** When a delivery is tried that fails at once each time, without jitter. */
export function section(): string {
  const steps: Step[] = [{ attempt: 1, delayMs: 0, afterMs: 0 }]
  for (const [index, delayMs] of defaultSchedule.delaysMs.entries())
    steps.push({ attempt: index + 2, delayMs, afterMs: (steps[index]?.afterMs ?? 0) + delayMs })
  return tableOf(steps, [
    { title: 'attempt', cell: ({ attempt }) => String(attempt) },
    {
      title: 'after the one before',
      cell: ({ attempt, delayMs }) => (attempt === 1 ? '' : inWords(delayMs)),
    },
    {
      title: 'after the release',
      cell: ({ attempt, afterMs }) => (attempt === 1 ? 'at once' : inWords(afterMs)),
    },
  ])
}
