import * as z from 'zod'

/** Parameters that the platform of the proofs declares. */
export const params: Readonly<Record<string, z.ZodType>> = {
  branch: z.string(),
  sha: z.string(),
  note: z.string(),
  pullRequest: z.string(),
  meta: z.unknown(),
}
