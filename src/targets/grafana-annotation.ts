import { listOf, text, wholeNumber } from '../option-shapes.ts'
import { cutToBytes } from '../cut.ts'
import { made } from './made.ts'
import { occurredAt } from './occurred-at.ts'
import type { Made, Target, TargetContext } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeOf, madeText } from './target-options.ts'

export interface GrafanaAnnotationOptions {
  /** Of a service account that may write annotations. */
  readonly token: string
  /** What is shown, as HTML: escape what is not yours. @default the release's summary, as plain text */
  readonly text?: Made<string> | undefined
  /** Besides `deploy`, `app:…`, `environment:…` and `stage:…`, as far as there is room. @default none */
  readonly tags?: Made<readonly string[]> | undefined
  /** Shows it on this dashboard alone. @default on those that query its tags */
  readonly dashboardUid?: string | undefined
  /** Shows it on this panel of the dashboard alone. */
  readonly panelId?: number | undefined
}

// Grafana counts the tags as a JSON array of bytes, 500 unless it is told otherwise, and keeps 100 characters of a key and of a value.
const maxTagsBytes = 500
const maxTagBytes = 100

/**
 * An annotation in Grafana: `POST /api/annotations` at the hook's `url`, which is that of Grafana itself, answered 200 with its `id`. A
 * repeat makes a second one. Values of the release are escaped, since Grafana shows the text as HTML. Source: Grafana's HTTP API and its
 * annotation store.
 */
export function grafanaAnnotation(options: GrafanaAnnotationOptions): Target {
  checkTargetOptions('grafanaAnnotation', options, shape, { token: 'required' })
  const { token, text, tags = [], dashboardUid, panelId } = options
  return defineTarget({
    name: 'grafana-annotation',
    secrets: { token },
    repeat: 'duplicates',
    requests: [
      {
        path: ['api', 'annotations'],
        headers: { authorization: `Bearer ${token}` },
        body: (context) => {
          const { app, version, summary } = context.release
          const shown = escaped(/\S/u.test(summary) ? summary : `${app} ${version}`)
          return {
            json: {
              dashboardUID: dashboardUid,
              panelId,
              time: occurredAt(context),
              tags: fitting([...ownTags(context), ...made(tags, context)]),
              text: made(text ?? shown, context),
            },
          }
        },
        accepts: [200],
        isAccepted: ({ json }) => typeof json === 'object' && json !== null,
        meanings: { 401: 'final', 403: 'final', 404: 'final' },
        id: '/id',
        error: '/message',
      },
    ],
  })
}

const shape = {
  text: madeText,
  tags: madeOf(listOf(text, 'strings'), 'a list of strings').optional(),
  dashboardUid: text.optional(),
  panelId: wholeNumber(0).optional(),
}

function ownTags({ release: { app, environment, stage } }: TargetContext): readonly string[] {
  const facts = Object.entries({ app, environment, stage })
  return ['deploy', ...facts.flatMap(([key, value]) => (value === undefined ? [] : [`${key}:${value}`]))]
}

function fitting(tags: readonly string[]): readonly string[] {
  const kept: string[] = []
  let bytes = 2
  for (const tag of tags.map((each) => cutToBytes(each, maxTagBytes))) {
    bytes += Buffer.byteLength(JSON.stringify(tag)) + 1
    if (bytes > maxTagsBytes) break
    kept.push(tag)
  }
  return kept
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character] ?? '')
}
