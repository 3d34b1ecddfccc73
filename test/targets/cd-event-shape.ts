import * as z from 'zod'

const uriReference = z.string().regex(/^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\dA-F]{2})+$/iu)
// https://github.com/package-url/purl-spec: pkg:type/namespace/name@version?qualifiers#subpath
const purl = z
  .string()
  .regex(
    /^pkg:[a-z][a-z\d.+-]*(?:\/(?:[\w.~:-]|%[\dA-F]{2})+)+(?:@(?:[\w.~:-]|%[\dA-F]{2})+)?(?:\?\S+)?(?:#\S+)?$/u,
  )
const id = z.string().min(1)

/** What CDEvents 0.5.1 demands of the events `service deployed`, `upgraded` and `rolledback` (0.3.0), and no field besides. */
export const cdEventShape: z.ZodType = z.strictObject({
  context: z.strictObject({
    specversion: z.literal('0.5.1'),
    id,
    source: uriReference,
    type: z.enum([
      'dev.cdevents.service.deployed.0.3.0',
      'dev.cdevents.service.upgraded.0.3.0',
      'dev.cdevents.service.rolledback.0.3.0',
    ]),
    timestamp: z.iso.datetime({ offset: true }),
    schemaUri: z.url().optional(),
    chainId: id.optional(),
  }),
  subject: z.strictObject({
    id,
    source: uriReference.optional(),
    content: z.strictObject({
      environment: z.strictObject({ id, source: uriReference.optional() }),
      artifactId: purl,
    }),
  }),
  customData: z.looseObject({}).optional(),
  customDataContentType: z.string().optional(),
})
