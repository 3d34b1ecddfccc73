import * as z from 'zod'
import { ConfigurationError } from './errors.ts'
import { longestTimerMs } from './longest-timer.ts'
import { shownName } from './shown-value.ts'

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

/**
 * The first thing that is wrong with options. No value is in it, and no cause: either may be a secret in the wrong place.
 *
 * @param within what the options are a part of: `target` of `target.requests[0].method`
 */
export function optionError({ issues }: z.ZodError, within?: string): ConfigurationError {
  const [issue] = issues as [z.core.$ZodIssue]
  const isUnknown = issue.code === 'unrecognized_keys' // whose message quotes the name
  const message = isUnknown ? 'Expected an option that there is, got another name' : issue.message
  return new ConfigurationError('option_invalid', pathOf(issue, within), `${message}.`)
}

/** Path of what an issue is about: `hooks[2].url`. */
function pathOf(issue: z.core.$ZodIssue, within?: string): string {
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path
  const keys = within === undefined ? path : [within, ...path]
  const [first = 'options', ...rest] = keys.map((key, index) =>
    typeof key === 'number'
      ? `[${key}]`
      : index === 0 && within !== undefined
        ? within
        : shownName(String(key)),
  )
  return rest.reduce((text, key) => (key.startsWith('[') ? text + key : `${text}.${key}`), first)
}
