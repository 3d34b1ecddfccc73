import type { z } from 'zod'
import type { CallFacts } from '../stores/triggers/records.ts'
import type { Given, NativeParams } from './dialects/dialect.ts'
import { factNames, isFact, type FactName } from './facts.ts'
import { TriggerRefusal } from './refusal.ts'
import { briefName } from './brief-name.ts'

/** Of the query and of a body, by the shapes that the platform has declared, as far as the trigger allows them. */
export function declaredParams(shapes: Readonly<Record<string, z.ZodType>>): NativeParams {
  return ({ trigger, query, body = {} }: Given): CallFacts => {
    const allowed = trigger.settings.params ?? []
    const given = new Map<string, unknown>([...query.entries(), ...Object.entries(body)])
    const others = [...given.keys()].filter((name) => !allowed.includes(name))
    if (others.length > 0)
      throw refused(
        others.map((path) => problem(path, 'This trigger does not take it.')),
        allowed,
      )
    const params = Object.fromEntries(
      [...given].map(([name, value]) => [name, valueOf(name, value, shapes, allowed)]),
    )
    return factsOf(params, trigger.settings.branch)
  }
}

function valueOf(
  name: string,
  value: unknown,
  shapes: Readonly<Record<string, z.ZodType>>,
  allowed: readonly string[],
): unknown {
  const parsed = shapes[name]?.safeParse(value)
  if (parsed?.success === true) return parsed.data
  throw refused([problem(name, parsed?.error.issues[0]?.message ?? 'It is not declared.')], allowed)
}

function factsOf(params: Readonly<Record<string, unknown>>, branch: string | undefined): CallFacts {
  const facts: { [Name in FactName]?: string } = branch === undefined ? {} : { branch }
  const others = { ...params }
  for (const name of factNames) {
    const value = params[name]
    delete others[name]
    if (value === undefined) continue
    const text = typeof value === 'number' ? String(value) : value
    if (typeof text !== 'string' || !isFact(name, text))
      throw refused([problem(name, 'Expected a text that can be deployed.')], [])
    facts[name] = text
  }
  return { params: others, ...facts }
}

function problem(path: string, message: string): { readonly path: string; readonly message: string } {
  return { path: briefName(path), message }
}

function refused(
  problems: readonly { readonly path: string; readonly message: string }[],
  allowed: readonly string[],
): TriggerRefusal {
  return new TriggerRefusal('params_invalid', { problems: problems.slice(0, 10), allowed })
}
