import { deis } from '../targets/deis.ts'
import { suggestedTarget } from '../targets/suggestion.ts'
import type { UnnamedHook } from './new-hook.ts'
import { isUnsigned, sendsRelease } from './prepared-target.ts'

/** What will work and may still surprise. */
export interface Surprise {
  /** Begins with the name of the hook. */
  readonly message: string
  /** Of the egress guard's rule. */
  readonly code?: string | undefined
}

/** @param name `hooks[0]` */
export function surprisesOf(hook: UnnamedHook, name: string): readonly Surprise[] {
  const surprises = [ofSecret(hook), ofTarget(hook), ofEgress(hook), ofStages(hook), ofSpelling(hook)]
  return surprises.flatMap((surprise) =>
    surprise === undefined ? [] : [{ ...surprise, message: `${name} ${surprise.message}` }],
  )
}

function ofSecret(hook: UnnamedHook): Surprise | undefined {
  if (!isUnsigned(hook)) return undefined
  return { message: 'has no secret: its requests are unsigned, and its receiver cannot verify them' }
}

function ofTarget({ target, url }: UnnamedHook): Surprise | undefined {
  const suggested = target.name === deis().name ? suggestedTarget(new URL(url.wire.base)) : undefined
  if (suggested === undefined) return undefined
  return {
    message: `has a URL of ${suggested}, which takes no release in its query: give it \`target: ${suggested}()\` of deploy-hooks/targets`,
  }
}

function ofEgress({ connection, url }: UnnamedHook): Surprise | undefined {
  const refusal = connection.guard.refusesUrl(new URL(url.wire.base))
  if (refusal === undefined) return undefined
  return {
    message: `will not be sent to: ${refusal.message} \`await dispatcher.check()\` tells it of names too`,
    code: refusal.code,
  }
}

function ofStages({ dialect, after, target }: UnnamedHook): Surprise | undefined {
  if (dialect !== 'deis' || after.size === 1 || !sendsRelease(target)) return undefined
  return {
    message:
      `hears of several stages (${[...after].join(', ')}), which its receiver cannot tell apart: ` +
      "a URL in the dialect 'deis' names none. Use the dialect 'native', or a hook with a URL of its own for each stage",
  }
}

function ofSpelling({ dialect, target, url: { typed, wire } }: UnnamedHook): Surprise | undefined {
  const isAsSent = typed.base === wire.base && typed.query === wire.query
  if (dialect !== 'deis' || isAsSent || !sendsRelease(target)) return undefined
  return {
    message:
      "is signed as typed (dialect 'deis'), but HTTP clients send its URL in another spelling: " +
      'a receiver that rebuilds the URL from the request will not get the signed string',
  }
}
