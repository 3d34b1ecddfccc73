import { cutToBytes } from '../cut.ts'
import {
  appSource,
  eventRequest,
  eventShape,
  eventText,
  type Event,
  type EventOptions,
} from './event-request.ts'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface CdEventOptions extends EventOptions {
  /** The platform, as a URI or a relative reference. @default `/apps/{app}` @example 'https://platform.example.com' */
  readonly source?: Made<string> | undefined
  /**
   * What was deployed, as a package URL.
   * @default `pkg:generic/{app}@{version}`
   * @example ({ release }) => `pkg:oci/${release.app}?tag=${release.version}`
   */
  readonly artifactId?: Made<string> | undefined
  /** @default that of the release, or `production` */
  readonly environment?: Made<string> | undefined
  /** What the event is a part of, such as a run of a pipeline. @default none */
  readonly chainId?: Made<string> | undefined
}

/**
 * The release as a CDEvent (0.5.1), sent as a CloudEvent: `dev.cdevents.service.rolledback.0.3.0` for a release that was rolled back,
 * `.upgraded.` for one that names the version before it, else `.deployed.`; the whole release is its `customData`. Accepted are 200, 201,
 * 202 and 204; repeats have the same id.
 *
 * They tell of what happened: a hook `after: ['succeeded', 'rolled-back']` suits it. CDEvents has no word for a failed deployment, which
 * therefore ends as `unrenderable`. Source: CDEvents 0.5.1, its CloudEvents binding and schemas, and the package URL specification.
 */
export function cdEvent(options: CdEventOptions = {}): Target {
  checkTargetOptions('cdEvent', options, shape, { token: 'optional' })
  const { token } = options
  return defineTarget({
    name: 'cd-event',
    repeat: 'idempotent',
    ...(token === undefined ? undefined : { secrets: { token } }),
    requests: [eventRequest(options, (context) => eventOf(options, context))],
  })
}

const shape = {
  ...eventShape,
  source: madeText,
  artifactId: madeText,
  environment: madeText,
  chainId: madeText,
}

function eventOf(options: CdEventOptions, context: TargetContext): Event {
  const { release, deliveryId: id } = context
  const { app, version, environment = 'production' } = release
  const source = made(options.source ?? appSource, context)
  const type = `dev.cdevents.service.${predicateOf(context)}.0.3.0`
  const time = new Date(occurredAt(context)).toISOString()
  const subject = eventText(cutToBytes(app, 500))
  const chainId = made(options.chainId, context)
  const artifactId = made(options.artifactId ?? `pkg:generic/${purlPart(app)}@${purlPart(version)}`, context)
  return {
    id,
    source,
    type,
    subject,
    time,
    data: {
      context: { specversion: '0.5.1', id, source, type, timestamp: time, chainId },
      subject: {
        id: subject,
        content: {
          environment: { id: eventText(made(options.environment ?? environment, context)) },
          artifactId,
        },
      },
      customData: release,
      customDataContentType: 'application/json',
    },
  }
}

function predicateOf({ release: { stage, previous } }: TargetContext): string {
  if (stage === 'failed')
    throw new TypeError('Expected a release that was deployed: CDEvents has no event for one that failed')
  if (stage === 'rolled-back') return 'rolledback'
  return previous === undefined ? 'deployed' : 'upgraded'
}

/** Name or version of a package URL: all but letters, digits and `.-_~` is percent-encoded. */
function purlPart(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/gu,
    (character) => `%${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`,
  )
}
