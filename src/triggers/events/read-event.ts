import type { TriggerRecord } from '../../stores/triggers/records.ts'
import type { TriggerRequest } from '../http/request.ts'
import { wrongFact, type Facts } from '../facts.ts'
import type { Fields, TriggerEvent } from './event.ts'
import { gitea, github, gitlab } from './pushes.ts'
import { contentful, sanity, strapi } from './publishes.ts'
import { releaseIn } from './releases.ts'

/** Gitea first: it sends GitHub's header, too. */
const readers = [gitea, github, gitlab, contentful, strapi, sanity, releaseIn]

/** What a request tells by itself; `undefined`: it gives parameters, or nothing. */
export function readEvent(
  request: TriggerRequest,
  body: Fields,
  trigger: TriggerRecord,
): TriggerEvent | undefined {
  for (const read of readers) {
    const event = read(request, body)
    if (event !== undefined) return event.kind === 'start' ? wanted(event, trigger) : event
  }
  return undefined
}

/** Which branch is deployed is not the sender's choice, unless the trigger allows `branch` and `tag`. */
function wanted(event: TriggerEvent & { readonly kind: 'start' }, { settings }: TriggerRecord): TriggerEvent {
  const { branch, tag } = event.facts
  const allows = (name: string): boolean => settings.params?.includes(name) === true
  const wrong = wrongFact(event.facts)
  if (wrong !== undefined) return ignored(`a ${wrong} that cannot be deployed`)
  if (branch !== undefined && branch !== settings.branch && !allows('branch'))
    return ignored(settings.branch === undefined ? 'a branch: this trigger has none' : 'another branch')
  if (tag !== undefined && branch === undefined && !allows('tag'))
    return ignored('a tag: this trigger takes none')
  const facts: Facts =
    branch === undefined && tag === undefined && settings.branch !== undefined
      ? { branch: settings.branch, ...event.facts }
      : event.facts
  return { ...event, facts }
}

function ignored(reason: string): TriggerEvent {
  return { kind: 'ignored', reason }
}
