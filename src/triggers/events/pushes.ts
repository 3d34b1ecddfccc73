import { defined, textAt, type EventReader, type Fields, type TriggerEvent } from './event.ts'
import { briefName } from '../brief-name.ts'

const branches = 'refs/heads/'
const tags = 'refs/tags/'
/** What is told in the place of the commit when a branch or a tag was deleted. */
const noCommit = /^0+$/u

/**
 * GitHub's `push` and `package`, and `ping`. https://docs.github.com/webhooks/webhook-events-and-payloads; a package of the container
 * registry has its tag in `package_version.container_metadata.tag.name`.
 */
export const github: EventReader = (request, body) => {
  const [event] = request.header('x-github-event')
  if (event === undefined) return undefined
  if (event === 'ping') return { kind: 'ping' }
  if (event === 'push') return pushOf(body, textAt(body, 'after'), textAt(body, 'sender', 'login'))
  if (event === 'package' || event === 'registry_package') return packageOf(body, event)
  return ignored(`an event that is no push: ${briefName(event, 50)}`)
}

/** GitLab's push and tag push. https://docs.gitlab.com/user/project/integrations/webhook_events/ */
export const gitlab: EventReader = (request, body) => {
  const [event] = request.header('x-gitlab-event')
  if (event === undefined) return undefined
  if (event !== 'Push Hook' && event !== 'Tag Push Hook')
    return ignored(`an event that is no push: ${briefName(event, 50)}`)
  return pushOf(body, textAt(body, 'checkout_sha') ?? textAt(body, 'after'), textAt(body, 'user_username'))
}

/** Gitea's and Forgejo's, which send GitHub's header beside their own. https://docs.gitea.com/usage/webhooks */
export const gitea: EventReader = (request, body) => {
  const event = request.header('x-gitea-event')[0] ?? request.header('x-forgejo-event')[0]
  if (event === undefined) return undefined
  if (event !== 'push') return ignored(`an event that is no push: ${briefName(event, 50)}`)
  return pushOf(
    body,
    textAt(body, 'after'),
    textAt(body, 'pusher', 'login') ?? textAt(body, 'sender', 'login'),
  )
}

function pushOf(body: Fields, sha: string | undefined, user: string | undefined): TriggerEvent {
  const ref = textAt(body, 'ref') ?? ''
  if (sha === undefined || noCommit.test(sha)) return ignored('a branch or a tag that was deleted')
  if (ref.startsWith(branches))
    return { kind: 'start', facts: defined({ branch: ref.slice(branches.length), sha, user }) }
  if (ref.startsWith(tags))
    return { kind: 'start', facts: defined({ tag: ref.slice(tags.length), sha, user }) }
  return ignored('a push of neither a branch nor a tag')
}

function packageOf(body: Fields, event: string): TriggerEvent {
  const action = textAt(body, 'action')
  if (action !== 'published' && action !== 'updated') return ignored('a package that was not published')
  const tag = textAt(body, event, 'package_version', 'container_metadata', 'tag', 'name')
  if (tag === undefined) return ignored('a package without a tag')
  return { kind: 'start', facts: defined({ tag, user: textAt(body, 'sender', 'login') }) }
}

function ignored(reason: string): TriggerEvent {
  return { kind: 'ignored', reason }
}
