import { median } from '../../shared/statistics.ts'
import type { Evidence, Limits } from '../evidence.ts'
import type { Life } from '../life.ts'
import { violationOf, type Finding } from '../../shared/report.ts'

/** Processes end when and as they are asked to, and have nothing to complain of. */
export function checkEndings({ lives }: Pick<Evidence, 'lives'>, { marginMs }: Limits): Finding {
  const all = [...lives.values()]
  const killed = all.filter(({ ending }) => ending?.how === 'killed')
  const failed = all.filter(({ ending }) => ending?.how !== 'killed' && ending?.code !== 0)
  const complaints = all.flatMap(({ plan, complaints }) =>
    complaints.map(({ text }) => `${plan.life}: ${text}`),
  )
  const terms = all.filter(({ ending }) => ending?.how === 'terminated')
  const late = terms.filter((life) => timeToEnd(life) > life.plan.closeMs + marginMs)
  const times = terms.map((life) => timeToEnd(life))
  return {
    figures: {
      ...(killed.length > 0 && {
        kills: killed.length,
        'kills before it had opened': killed.filter(({ hasOpened }) => !hasOpened).length,
      }),
      ...(terms.length > 0 && {
        SIGTERMs: terms.length,
        'SIGTERM to end, median ms': median(times),
        'SIGTERM to end, max ms': Math.max(...times),
        'beyond its deadline, max ms': Math.max(...terms.map((life) => timeToEnd(life) - life.plan.closeMs)),
      }),
      'exit codes other than 0': failed.length,
      'warnings and errors logged': complaints.length,
    },
    violations: [
      ...violationOf(
        failed.map((life) => shown(life)),
        'Processes failed',
      ),
      ...violationOf(
        late.map((life) => shown(life)),
        `Processes ended over ${marginMs} ms after their deadline`,
      ),
      ...violationOf(complaints, 'Processes complained'),
    ],
  }
}

function timeToEnd({ ending }: Life): number {
  return ending === undefined ? 0 : ending.endedAt - ending.askedAt
}

function shown(life: Life): string {
  const { plan, ending } = life
  const deadline = ending?.how === 'terminated' ? `, deadline ${plan.closeMs} ms` : ''
  return `process ${plan.life}: ${ending?.how}, code ${ending?.code}, after ${timeToEnd(life)} ms${deadline}`
}
