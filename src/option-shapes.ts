import * as z from 'zod'
import { longestTimerMs } from './longest-timer.ts'

/** Shapes that several options have, and how an error names the option. */

export const callable: z.ZodType<() => number> = z.custom<() => number>(
  (value) => typeof value === 'function',
  {
    error: 'Expected a function',
  },
)

export const milliseconds: z.ZodNumber = z.number().min(1).max(longestTimerMs)

export const pace: z.ZodType<{ perSecond: number; burst?: number | undefined }> = z.strictObject({
  perSecond: z.number().gt(0),
  burst: z.int().min(1).optional(),
})

/** Path of the option that an issue is about: `hooks[2].url`. */
export function pathOf(issue: z.core.$ZodIssue): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  return (
    path.reduce<string>(
      (text, key) =>
        typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
      '',
    ) || 'options'
  )
}
