import { textAt, type EventReader, type TriggerEvent } from './event.ts'

/** What changes a site. What is written and not published does not. */
const publishing = /(?:^|[._])(?:publish|unpublish|delete)$/u

/** Contentful: `ContentManagement.Entry.publish`. https://www.contentful.com/developers/docs/webhooks/overview/ */
export const contentful: EventReader = (request) => byTopic(request.header('x-contentful-topic')[0])

/** Strapi: `entry.publish`, in a header and in the body. https://docs.strapi.io/cms/backend-customization/webhooks */
export const strapi: EventReader = (request, body) => {
  const [event] = request.header('x-strapi-event')
  return event === undefined ? undefined : byTopic(textAt(body, 'event') ?? event)
}

/** Sanity: a webhook fires for what is published, unless drafts are asked for. https://www.sanity.io/docs/webhooks */
export const sanity: EventReader = (request) => {
  const [operation] = request.header('sanity-operation')
  if (operation === undefined) return undefined
  const [document = ''] = request.header('sanity-document-id')
  return document.startsWith('drafts.') ? draft : { kind: 'start', facts: {} }
}

const draft: TriggerEvent = { kind: 'ignored', reason: 'a change that is not published' }

function byTopic(topic: string | undefined): TriggerEvent | undefined {
  if (topic === undefined) return undefined
  return publishing.test(topic.slice(0, 200)) ? { kind: 'start', facts: {} } : draft
}
