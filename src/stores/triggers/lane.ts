import type { CallFacts, TriggerRecord } from './records.ts'

/** Whose it is: what is of one scope begins with the same text, and what is of another does not. */
type Scope = Pick<TriggerRecord, 'tenant' | 'app' | 'environment'>

/** Calls of one lane may be merged, and start one after the other: those of an environment, a branch and a pull request. */
export function laneOf(
  scope: Scope,
  { branch, pullRequest }: Pick<CallFacts, 'branch' | 'pullRequest'>,
): string {
  return scopeStart(scope) + textOf(branch) + textOf(pullRequest)
}

export function scopeStart({ tenant, app, environment }: Scope): string {
  return `${textOf(tenant)}${textOf(app)}${textOf(environment)} `
}

/** Behind all lanes of the scope, which begin with its text and a space. */
export function scopeEnd(scope: Scope): string {
  return `${scopeStart(scope).slice(0, -1)}!`
}

/** With its length in front: no two lists of values make the same text. */
function textOf(value: string | undefined): string {
  return value === undefined ? '-' : `${value.length}:${value}`
}
