/**
 * Which string is signed.
 *
 * - `native`: the URL as it goes over the wire, so that a receiver can prove what it got. It says the stage, environment and
 *   deployment of a release that has them, and names a delivery that sends again on purpose; without them it is Deis's.
 * - `deis`: the configured URL as typed, then `?`, then the release, as Deis, Hephy and Drycc sign it: with a
 *   second `?` behind a URL that has a query of its own. It says Deis's five facts and nothing else.
 */
export type Dialect = (typeof dialects)[number]

export const dialects = ['native', 'deis'] as const
