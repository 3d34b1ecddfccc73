import { wholeNumber } from '../option-shapes.ts'
import { cut } from '../cut.ts'
import type { Target } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions } from './target-options.ts'

export interface NtfyOptions {
  /** Access token of a protected topic: `tk_…`. @default none */
  readonly token?: string | undefined
  /** 1 (least) to 5 (most). @default 3 */
  readonly priority?: 1 | 2 | 3 | 4 | 5 | undefined
}

/** What becomes an attachment when it has more than 4,096 bytes. */
const longestText = 1300

const shape = { priority: wholeNumber(1, 5).optional() }

/** A notification by ntfy, to the topic of the hook's URL. A repeat is a second notification. Source: docs.ntfy.sh/publish. */
export function ntfy(options: NtfyOptions = {}): Target {
  checkTargetOptions('ntfy', options, shape, { token: 'optional' })
  const { token, priority = 3 } = options
  return defineTarget({
    name: 'ntfy',
    secretPath: true, // whoever knows a topic can read it
    secrets: token === undefined ? undefined : { token },
    repeat: 'duplicates',
    requests: [
      {
        headers: { priority: String(priority), ...(token && { authorization: `Bearer ${token}` }) },
        body: ({ release }) => ({ text: cut(release.summary, longestText) }),
        accepts: [200],
        meanings: { 401: 'final', 403: 'final' }, // nothing but another configuration helps
        id: '/id',
        error: '/error',
      },
    ],
  })
}
