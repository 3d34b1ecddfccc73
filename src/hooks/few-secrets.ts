import { ConfigurationError } from '../errors.ts'

/** Each is looked for in answers, and receivers of Standard Webhooks look at no more signatures. */
const mostSecrets = 30

/** @throws {@link ConfigurationError} `secret_invalid` */
export function fewSecrets(secrets: readonly string[], option: string): readonly string[] {
  if (secrets.length <= mostSecrets) return secrets
  const message = `Expected at most ${mostSecrets} secrets, got ${secrets.length}: drop those that no receiver verifies by any more.`
  throw new ConfigurationError('secret_invalid', option, message)
}
