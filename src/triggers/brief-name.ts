/**
 * A name that a stranger gave, or how long it is: a part of a token is a part of a secret, and not known for one.
 *
 * @param longest in characters
 */
export function briefName(name: string, longest = 100): string {
  return name.length <= longest ? name : `a name of ${name.length} characters`
}
