import { flag } from '../option-shapes.ts'
import { textAt } from './pointer.ts'
import type { Target } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions } from './target-options.ts'

export interface VercelOptions {
  /** `false` builds without the cache of the build before. @default true */
  readonly buildCache?: boolean | undefined
}

/**
 * A deploy hook of Vercel: `POST` of the unique URL without a body, answered 200 or 201 with `{"job":{"id","state","createdAt"}}`. The job
 * is no deployment, and cannot be followed. A repeat builds again, and ends the build before it. After Vercel's documentation.
 */
export function vercel(options: VercelOptions = {}): Target {
  checkTargetOptions('vercel', options, shape)
  const { buildCache = true } = options
  return defineTarget({
    name: 'vercel',
    secretPath: true,
    repeat: 'side-effect',
    requests: [
      {
        query: { buildCache: buildCache ? undefined : 'false' },
        accepts: [200, 201, 202],
        isAccepted: ({ json }) => textAt(json, ['/error/code', '/error/message', '/error']) === undefined,
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id: '/job/id',
        error: ['/error/message', '/error/code', '/error'],
      },
    ],
  })
}

const shape = { buildCache: flag.optional() }
