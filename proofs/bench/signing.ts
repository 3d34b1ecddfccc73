import { createHmac } from 'node:crypto'
import { releaseUrl, signUrl } from 'deploy-hooks'
import { contest, type ContestOptions, type Standing } from '../shared/contest.ts'
import { releaseUrlByHand } from './release-url-by-hand.ts'
import { createReleases } from './releases.ts'
import { repeated, type MicrosFigure } from './repeated.ts'

export interface SigningOptions extends ContestOptions {
  /** Releases that each contestant signs in a round. */
  readonly signings: number
}

const hookUrl = 'https://hooks.example.com/deploy'
const secret = 'a secret of the usual length, of 43 characters'

/** How long it takes to make and sign the URL of a release. */
export async function measureSigning({
  signings,
  ...options
}: SigningOptions): Promise<readonly Standing<MicrosFigure>[]> {
  const next = createReleases('storefront')
  const work = { inputs: Array.from({ length: 64 }, next), times: signings }
  const byHand = repeated(
    { ...work, name: 'by hand', does: 'the URL with `quote_plus`, createHmac; no check of the release' },
    (release) =>
      createHmac('sha256', secret).update(releaseUrlByHand(hookUrl, release)).digest('hex').length === 64,
  )
  const library = repeated(
    {
      ...work,
      name: 'deploy-hooks',
      does: '`releaseUrl()` and `signUrl()`, which check URL, release and secret',
    },
    (release) => signUrl(releaseUrl(hookUrl, release), { secret }).length === 64,
  )
  return await contest([byHand, library], byHand, options)
}
