import type { Release } from '../release.ts'
import { githubHeaders, githubRefusals, githubShape, repositoryUrl, type GithubOptions } from './github.ts'
import { made } from './made.ts'
import type { LocatedTarget, Made, TargetContext } from './shape.ts'
import { ellipsized } from '../cut.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeObject, madeText } from './target-options.ts'

export interface GithubDispatchOptions extends GithubOptions {
  /** What workflows name in `on: repository_dispatch: types`. GitHub takes 100 characters. @default 'release' */
  readonly eventType?: Made<string> | undefined
  /** `github.event.client_payload`: at most ten properties and 64 KB. @default `{ release, delivery_id }` */
  readonly payload?: Made<Readonly<Record<string, unknown>>> | undefined
}

/**
 * A `repository_dispatch` of GitHub, which starts workflows: `POST /repos/{owner}/{name}/dispatches`, answered 204 and nothing. Needs
 * `contents: write`. The answer names no run, so that nothing can be asked. A repeat starts the workflows again. Of a release that makes
 * more than 64 KB, long texts are cut and `meta` is left out.
 *
 * Source: GitHub's REST API, create a repository dispatch event.
 */
export function githubDispatch(options: GithubDispatchOptions): LocatedTarget {
  checkTargetOptions('githubDispatch', options, shape, { token: 'required' })
  const { token, eventType = 'release', payload = defaultPayload } = options
  return defineTarget({
    name: 'github-dispatch',
    url: repositoryUrl(options, 'githubDispatch'),
    secrets: { token },
    repeat: 'side-effect',
    requests: [
      {
        ...githubRefusals,
        path: ['dispatches'],
        headers: githubHeaders,
        body: (context) => ({
          json: {
            event_type: ellipsized(made(eventType, context), 100),
            client_payload: checked(made(payload, context)),
          },
        }),
        maxBodyBytes: 64 * 1024 - 1,
        accepts: [204],
      },
    ],
  })
}

const shape = { ...githubShape, eventType: madeText, payload: madeObject }

function defaultPayload({ release, deliveryId }: TargetContext): Readonly<Record<string, unknown>> {
  return { release: fitting(release), delivery_id: deliveryId }
}

/** Twelve texts of 800 UTF-16 units are less than 64 KB, also when each is escaped. */
function fitting(release: Release): Readonly<Record<string, unknown>> {
  if (Buffer.byteLength(JSON.stringify(release)) <= 63_000) return { ...release }
  const texts = Object.entries(release).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(texts.map(([name, text]) => [name, ellipsized(text, 800)]))
}

function checked(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { length } = Object.keys(payload)
  if (length > 10) throw new TypeError(`Expected a client_payload of at most 10 properties, got ${length}`)
  return payload
}
