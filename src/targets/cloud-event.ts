import { callable } from '../option-shapes.ts'
import { cutToBytes } from '../cut.ts'
import { appSource, eventRequest, eventShape, eventText, type EventOptions } from './event-request.ts'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface CloudEventOptions extends EventOptions {
  /**
   * Who tells, as a URI or a relative reference; with the id it is unique.
   * @default `/apps/{app}`
   * @example 'https://platform.example.com'
   */
  readonly source?: Made<string> | undefined
  /** @default `deploy-hooks.release.{stage}` @example 'com.example.release.succeeded' */
  readonly type?: Made<string> | undefined
  /** @default the app */
  readonly subject?: Made<string> | undefined
  /** Any JSON value. @default the release */
  readonly data?: ((context: TargetContext) => unknown) | undefined
}

/**
 * The release as a CloudEvent (1.0), by its HTTP binding: attributes in `ce-*` headers and the data as the body, or all of it in the body.
 * The id is the delivery's, the same for every attempt, so that a receiver drops repeats. Accepted are 200, 201, 202 and 204; 410
 * disables the hook. Source: CloudEvents 1.0.2, its HTTP binding, JSON format and webhook specification.
 */
export function cloudEvent(options: CloudEventOptions = {}): Target {
  checkTargetOptions('cloudEvent', options, shape, { token: 'optional' })
  const { source, type, subject, data, token } = options
  return defineTarget({
    name: 'cloud-event',
    repeat: 'idempotent',
    ...(token === undefined ? undefined : { secrets: { token } }),
    requests: [
      eventRequest(options, (context) => {
        const { app, stage = 'released' } = context.release
        const about = eventText(made(subject ?? cutToBytes(app, 500), context))
        return {
          id: context.deliveryId,
          source: made(source ?? appSource, context),
          type: made(type ?? `deploy-hooks.release.${stage}`, context),
          subject: about === '' ? undefined : about,
          time: new Date(occurredAt(context)).toISOString(),
          data: data === undefined ? context.release : made(data, context),
        }
      }),
    ],
  })
}

const shape = {
  ...eventShape,
  source: madeText,
  type: madeText,
  subject: madeText,
  data: callable.optional(),
}
