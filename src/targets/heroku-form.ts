import { made } from './made.ts'
import type { Made, Target } from './shape.ts'
import { defineTarget } from './target.ts'
import { checkTargetOptions, madeText } from './target-options.ts'

export interface HerokuFormOptions {
  /** The commit that ran before. @default `prev_head` of the release's `meta`, if it has one */
  readonly prevHead?: Made<string> | undefined
  /** What changed, a line for each commit. @default user and summary, in one line */
  readonly gitLog?: Made<string> | undefined
}

/**
 * The form of Heroku's deploy hooks, which Zulip, Honeybadger, AppSignal and Slack's `/heroku` still take: `app`, `user`, `url`, `head`
 * (the commit's first seven characters), `head_long`, `prev_head`, `git_log` and `release`. What is not known is empty, and a release
 * without a commit has its version for a head. Any 2xx is accepted, unless its JSON says `"result": "error"`; a repeat is a second message.
 *
 * It is plain text to Heroku, and receivers may read it as Markdown. Source: Heroku's articles, and Zulip's integration.
 */
export function herokuForm(options: HerokuFormOptions = {}): Target {
  checkTargetOptions('herokuForm', options, shape)
  const { prevHead, gitLog } = options
  return defineTarget({
    name: 'heroku-form',
    secretPath: true,
    repeat: 'duplicates',
    requests: [
      {
        body: (context) => {
          const { app, user, url = '', sha, version, summary, meta } = context.release
          return {
            form: {
              app,
              user,
              url,
              head: sha?.slice(0, 7) ?? version,
              head_long: sha ?? version,
              prev_head: made(prevHead ?? String(meta?.['prev_head'] ?? ''), context),
              git_log: made(gitLog ?? ` * ${`${user}: ${summary}`.replaceAll(/\s+/gu, ' ')}`, context),
              release: version,
            },
          }
        },
        isAccepted: ({ json }) => !(isObject(json) && json['result'] === 'error'),
        error: ['/msg', '/error', '/message'],
      },
    ],
  })
}

const shape = { prevHead: madeText, gitLog: madeText }

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null
}
