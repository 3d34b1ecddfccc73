import { flag } from '../option-shapes.ts'
import { made } from './made.ts'
import type { Made, Target } from './shape.ts'
import { cut } from '../cut.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface NetlifyOptions {
  /** What the list of deploys shows, cut to 200 characters. @default the release's summary */
  readonly title?: Made<string> | undefined
  /** Branch to build. One that does not exist fails later, in the build. @default the hook's own */
  readonly branch?: Made<string | undefined> | undefined
  /** Builds without the cache of the build before. @default false */
  readonly clearCache?: boolean | undefined
}

// The most of a URL: each character may become twelve of them.
const longestTitle = 200

/**
 * A build hook of Netlify: `POST {}` to the unique URL with `trigger_title`, `trigger_branch` and `clear_cache`, answered 200 without a
 * body: nothing names the build, and it cannot be followed. A repeat builds again. After Netlify's documentation.
 */
export function netlify(options: NetlifyOptions = {}): Target {
  checkTargetOptions('netlify', options, shape)
  const { title, branch, clearCache } = options
  return defineTarget({
    name: 'netlify',
    secretPath: true,
    repeat: 'side-effect',
    requests: [
      {
        query: (context) => ({
          trigger_title: cut(made(title, context) ?? context.release.summary, longestTitle),
          trigger_branch: made(branch, context),
          clear_cache: clearCache === true ? 'true' : undefined,
        }),
        body: { json: {} },
        accepts: [200, 201, 202, 204],
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        error: ['/message', '/error'],
      },
    ],
  })
}

const shape = { title: madeText, branch: madeText, clearCache: flag.optional() }
