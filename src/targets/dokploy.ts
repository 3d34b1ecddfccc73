import { made } from './made.ts'
import { textAt } from './pointer.ts'
import type { Made, Target } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface DokployOptions {
  /** The branch that was pushed, without which nothing is deployed from a repository: it must be the application's. @default none, which is right for images */
  readonly branch?: Made<string | undefined> | undefined
}

/**
 * The deploy webhook of Dokploy, `/api/deploy/{token}` or `/api/deploy/compose/{token}`: a POST in the form of a push at GitHub, which it
 * reads for every kind of repository, with the release's sha and summary. Answered 200 with a `message`. A refusal, such as another branch,
 * is a 301 without a `Location`, and is final: it is a matter of configuration. It cannot be followed. A repeat deploys again. After its
 * source (0.30).
 */
export function dokploy(options: DokployOptions = {}): Target {
  checkTargetOptions('dokploy', options, shape)
  const { branch } = options
  return defineTarget({
    name: 'dokploy',
    secretPath: true,
    repeat: 'side-effect',
    requests: [
      {
        headers: { 'x-github-event': 'push' },
        body: (context) => {
          const { sha, version, summary } = context.release
          const pushed = made(branch, context)
          const ref = pushed === undefined ? undefined : `refs/heads/${pushed}`
          return { json: { ref, head_commit: { id: sha ?? version, message: summary }, commits: [] } }
        },
        accepts: [200],
        isAccepted: ({ json }) => (textAt(json, '/message') === undefined ? 'final' : 'accepted'),
        meanings: { 301: 'final', 401: 'final', 404: 'final' },
        error: ['/message', '/error/message', '/error'],
      },
    ],
  })
}

const shape = { branch: madeText }
