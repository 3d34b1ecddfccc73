import * as z from 'zod'
import { callable, flag, listOf, namesOf, oneOf, wholeNumber } from '../option-shapes.ts'
import { made } from './made.ts'
import {
  repeatBehaviours,
  type Fields,
  type Made,
  type RequestShape,
  type Target,
  type TargetContext,
  type TargetDefinition,
} from './shape.ts'
import { signerNames, type SignerName } from './signers.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeTexts } from './target-options.ts'

export interface JsonPostOptions<Secrets extends string = never> {
  /** Any JSON value. @default the whole release @example ({ release }) => ({ text: release.summary }) */
  readonly body?: ((context: TargetContext<Secrets>) => unknown) | undefined
  /** @default 'POST' */
  readonly method?: 'POST' | 'PUT' | 'PATCH' | undefined
  /** @default none @example ({ secrets }) => ({ authorization: `Bearer ${secrets.token}` }) */
  readonly headers?: Made<Fields, Secrets> | undefined
  /** Values that must appear nowhere but in requests, for `headers` and `body`. @default none */
  readonly secrets?: Readonly<Record<Secrets, string>> | undefined
  /** Statuses that mean success, and no other ones. @default 200 to 299 */
  readonly accepts?: readonly number[] | undefined
  /** How it is signed where the hook has a secret; `false` for not at all. @default 'hub-sha256' */
  readonly sign?: SignerName | false | undefined
  /** What a second request for the same delivery does. @default 'duplicates' */
  readonly repeat?: TargetDefinition['repeat'] | undefined
  /** The path of the hook's URL is a secret. @default false */
  readonly secretPath?: boolean | undefined
}

/**
 * JSON for whatever else takes it: by default the whole release, signed by the hook's secret in `X-Hub-Signature-256`, as GitHub's
 * webhooks are, so that what verifies those verifies this. `Idempotency-Key` tells a repeat.
 *
 * @example
 * jsonPost({
 *   secrets: { token: 'tk_5f0c1e9a7b' },
 *   headers: ({ secrets }) => ({ authorization: `Bearer ${secrets.token}` }),
 *   body: ({ release }) => ({ service: release.app, revision: release.sha ?? release.version }),
 * })
 */
export function jsonPost<const Secrets extends string = never>(
  options: JsonPostOptions<Secrets> = {},
): Target {
  checkTargetOptions('jsonPost', options, optionShape)
  const { body, method, headers, secrets, accepts, sign, repeat = 'duplicates', secretPath } = options
  const shape: RequestShape<Secrets> = {
    method,
    headers,
    body: (context) => ({ json: body === undefined ? context.release : made(body, context) }),
  }
  return defineTarget<Secrets>({
    name: 'json-post',
    repeat,
    secretPath,
    ...(secrets === undefined ? undefined : { secrets }),
    requests: [{ ...shape, accepts, sign: sign === false ? undefined : (sign ?? 'hub-sha256') }],
  })
}

const optionShape = {
  body: callable.optional(),
  method: oneOf(['POST', 'PUT', 'PATCH']).optional(),
  headers: madeTexts,
  secrets: z.record(z.string(), z.unknown(), { error: 'an object of secrets by name' }).optional(), // defineTarget() reads them
  accepts: listOf(wholeNumber(200, 599), 'statuses, such as [200, 202]', 1).optional(),
  sign: z
    .union([z.literal(false), oneOf(signerNames)], { error: `${namesOf(signerNames)}, or false` })
    .optional(),
  repeat: oneOf(repeatBehaviours).optional(),
  secretPath: flag.optional(),
}
