import { listOf } from '../option-shapes.ts'
import { cut } from '../cut.ts'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import type { LocatedTarget, Made, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { aName, checkTargetOptions, madeOf, madeText } from './target-options.ts'

export interface SentryDeployOptions {
  /** Of an internal integration or a user, with the scope `project:releases` or `org:ci`. */
  readonly token: string
  /** Slug or number of the organization. */
  readonly organization: string
  /** Slugs of the projects that the release belongs to. @example ({ release }) => [release.app] */
  readonly projects: Made<readonly string[]>
  /**
   * The release as the SDK in the app names it: Sentry knows one list of releases for the whole organization.
   * @default the commit, which SDKs find by themselves; without one `app@version`
   */
  readonly version?: Made<string> | undefined
  /** The repository of the commit, as it is connected to Sentry: links the release to its commits. @example 'acme/web' */
  readonly repository?: Made<string> | undefined
  /** @default that of the release, or `production` */
  readonly environment?: Made<string> | undefined
}

const error = [
  '/detail',
  '/detail/message',
  ...['version', 'projects', 'refs', 'environment', 'url', 'name', 'ref'].map((field) => `/${field}/0`),
]
// A token, an organization or a scope that is missing: waiting does not help.
const meanings = { 401: 'final', 403: 'final', 404: 'final' } as const

/**
 * A release and a deploy in Sentry: `POST /api/0/organizations/{organization}/releases/` (201, or 208 for one that is known), then
 * `…/releases/{version}/deploys/` (201 or 208). A repeat of the first changes nothing; one of the second may record a second deploy.
 *
 * Sentry takes no version of more than 200 characters, with a slash, a backslash or a line break, nor `.`, `..` and `latest`: `-` stands
 * for such characters, and `release-` before such names. It takes deploys for what happened, so a hook `after: 'succeeded'` suits it. For
 * a server or region of its own, the hook's `url` is the origin: `https://de.sentry.io`. Source: Sentry's API reference, its endpoints
 * and serializers, and sentry-cli.
 *
 * @throws {@link ConfigurationError} `option_invalid`, `secret_invalid`
 */
export function sentryDeploy(options: SentryDeployOptions): LocatedTarget {
  checkTargetOptions('sentryDeploy', options, shape, { token: 'required' })
  const { token, organization, projects, repository, environment } = options
  const versionOf = (context: TargetContext): string => {
    const { sha, app, version } = context.release
    return sentryVersion(made(options.version ?? sha ?? `${app}@${version}`, context))
  }
  const releases = ['api', '0', 'organizations', organization, 'releases']
  const headers = { authorization: `Bearer ${token}` }
  return defineTarget({
    name: 'sentry-deploy',
    url: 'https://sentry.io',
    secrets: { token },
    repeat: 'duplicates',
    requests: [
      {
        path: releases,
        trailingSlash: true,
        headers,
        body: (context) => {
          const { sha } = context.release
          const commit = sha === undefined || sha.length > 64 ? undefined : sha
          const refs =
            repository === undefined || commit === undefined
              ? undefined
              : [{ repository: made(repository, context), commit }]
          return {
            json: {
              version: versionOf(context),
              ref: commit,
              refs,
              projects: made(projects, context),
            },
          }
        },
        accepts: [200, 201, 208],
        meanings,
        error,
      },
      {
        path: (context) => [...releases, versionOf(context), 'deploys'],
        trailingSlash: true,
        headers,
        body: (context) => {
          const { release } = context
          return {
            json: {
              environment: sentryName(made(environment ?? release.environment, context), 64) ?? 'production',
              name: sentryName(release.version, 64),
              url: takenUrl(release.url),
              dateFinished: new Date(occurredAt(context)).toISOString(),
            },
          }
        },
        accepts: [200, 201, 208],
        meanings,
        id: '/id',
        error,
      },
    ],
  })
}

const shape = {
  organization: aName,
  projects: madeOf(listOf(aName, 'slugs of projects', 1), 'a list of slugs of projects, one or more'),
  version: madeText,
  repository: madeText,
  environment: madeText,
}

/** `undefined` for what is blank, which Sentry takes nowhere. */
function sentryName(text: string | undefined, length: number): string | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is replaced here
  const name = text?.replaceAll(/[\0-\x1F\x7F-\x9F\u2028\u2029/\\]/gu, '-').trim() ?? ''
  return name === '' ? undefined : cut(name, length).trim()
}

function sentryVersion(text: string): string {
  const name = sentryName(text, 200) ?? ''
  return /^(?:\.{0,2}|latest)$/iu.test(name) ? `release-${name}` : name
}

/** What Django's URLField takes, at most 200 characters: a link is no reason to lose the deploy. */
function takenUrl(url: string | undefined): string | undefined {
  const isTaken =
    url !== undefined &&
    url.length <= 200 &&
    /^https?:\/\/(?:localhost|(?:[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63})(?::\d{2,5})?(?:[/?#]\S*)?$/iu.test(
      url,
    )
  return isTaken ? url : undefined
}
