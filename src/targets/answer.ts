import type { Answer } from '../http/transport.ts'
import { noPromise } from '../rejection.ts'
import { cut } from '../cut.ts'
import { isCoded } from './coding.ts'
import { textAt } from './pointer.ts'
import type { Remote, RemoteStatus } from './remote.ts'
import type { AnswerMeaning, AnswerShape, TargetAnswer, TargetPoll } from './shape.ts'
import { webUrl } from './web-url.ts'

/** What an answer says, as its target reads it. Nothing in it is masked yet. */
export interface Reading {
  readonly meaning: AnswerMeaning
  /** The status is one of those that are accepted, and the body says that it failed. */
  readonly isRejected: boolean
  /** It is no answer that the target knows, and may mean that the receiver took the request. */
  readonly isUnclear?: boolean | undefined
  readonly remote: Remote
  /** Seconds to wait, as the body says. */
  readonly retryAfter?: string | undefined
}

const nothing: Remote = {}
const queued: Remote = { status: 'queued' }
const unknown: Remote = { status: 'unknown' }
const longestText = 500

// What the receiver could not do now, it may do later; 408 and 425 ask for it (RFC 9110, RFC 8470).
const temporaryStatuses = new Set([408, 425, 429])

/** Whether a text that was read may go on. A URL is never cut: it would lead elsewhere. */
export function mayBeCut(name: string, { length }: string): boolean {
  return name !== 'url' && name !== 'location' && length >= longestText - 1 // no surrogate pair is broken
}

/** The table of outcomes, for statuses. A redirect is never followed: a POST would become a GET without its signature. */
export function meaningOfStatus(status: number): AnswerMeaning {
  if (isOfSuccess(status)) return 'accepted'
  if (status === 410) return 'gone'
  if (temporaryStatuses.has(status) || (status >= 500 && status <= 599)) return 'retry'
  return 'refused'
}

/** Whether the body matters: most answers are read by their status alone. */
export function readsBody({ isAccepted, id, url, error, status, retryAfter }: AnswerShape): boolean {
  return [isAccepted, id, url, error, status, retryAfter].some((each) => each !== undefined)
}

/**
 * Tells of which statuses what becomes of the body does not matter: of all, or, where a body says whether the request was taken, of those that are
 * not accepted.
 *
 * @param isUsed the receiver's name for it is needed, and not only nice to have: by a further request, or by who looks after what was started
 */
export function decidesAlone(shape: AnswerShape, isUsed: boolean): (status: number) => boolean {
  const isNeeded = isUsed ? needsBody(shape) : shape.isAccepted !== undefined
  return (status) => !isNeeded || meaningIn(shape, status) !== 'accepted'
}

/** Whether an accepted answer has to be read: what went wrong, and how long to wait, is read of others alone. */
function needsBody({ isAccepted, id, url, status }: AnswerShape): boolean {
  return [isAccepted, id, url, status].some((each) => each !== undefined)
}

/** @param poll knows what the receiver's statuses mean; absent when it cannot be asked */
export function readAnswer(shape: AnswerShape, answer: Answer, poll?: TargetPoll): Reading {
  const meaning = meaningIn(shape, answer.status)
  const isUnclear = meaning === 'refused' && isNeitherYesNorNo(shape, answer.status)
  if (!readsBody(shape))
    return { meaning, isRejected: false, isUnclear, remote: poll === undefined ? nothing : queued }
  // It was sent, and cannot be judged. Asked again, the receiver would say the same in the same coding.
  if (meaning === 'accepted' && needsBody(shape) && isCoded(answer))
    return { meaning, isRejected: false, isUnclear: true, remote: poll === undefined ? nothing : unknown }
  const read = bodyOf(answer)
  const { json } = read
  const judged = meaning === 'accepted' ? judge(shape, read) : meaning
  return {
    meaning: judged,
    isRejected: judged !== meaning,
    isUnclear,
    remote: {
      ...remoteOf({ id: textAt(json, shape.id), url: textAt(json, shape.url) }),
      ...(judged !== 'accepted' && errorOf(read, shape.error)),
      ...(judged === 'accepted' &&
        poll !== undefined && {
          status: shape.status === undefined ? 'queued' : statusOf(textAt(json, shape.status), poll),
        }),
    },
    retryAfter: textAt(json, shape.retryAfter),
  }
}

/** What an answer to a poll says; `undefined` when it says nothing: then it is asked again. */
export function readPoll(poll: TargetPoll, answer: Answer): (Remote & { status: RemoteStatus }) | undefined {
  if (!isOfSuccess(answer.status)) return undefined
  const read = bodyOf(answer)
  const status = statusOf(wordOf(read, poll), poll)
  const isBad = status === 'failed' || status === 'canceled'
  return {
    ...remoteOf({ url: textAt(read.json, poll.url) }),
    ...(isBad ? errorOf(read, poll.error) : undefined),
    status,
  }
}

function wordOf(answer: TargetAnswer, { status }: TargetPoll): string | undefined {
  if (typeof status !== 'function') return textAt(answer.json, status)
  try {
    return noPromise(status(answer), '`status`')
  } catch {
    return undefined // an answer that it did not expect: it is asked again
  }
}

function statusOf(text: string | undefined, { statuses }: TargetPoll): RemoteStatus {
  const known = text !== undefined && Object.hasOwn(statuses, text) ? statuses[text] : undefined
  return known ?? 'unknown'
}

function meaningIn({ accepts, meanings }: AnswerShape, status: number): AnswerMeaning {
  if (accepts?.includes(status) === true) return 'accepted'
  const given = meanings?.[status]
  if (given !== undefined) return given
  const usual = meaningOfStatus(status)
  return usual === 'accepted' && accepts !== undefined ? 'refused' : usual
}

export function isOfSuccess(status: number): boolean {
  return status >= 200 && status <= 299
}

/** Another success than the target accepts, or a redirect to what came of the request (RFC 9110 sections 15.4.3 and 15.4.4). */
function isNeitherYesNorNo({ meanings }: AnswerShape, status: number): boolean {
  const isUnnamed = meanings?.[status] === undefined
  return isUnnamed && (isOfSuccess(status) || status === 302 || status === 303)
}

function judge({ isAccepted }: AnswerShape, answer: TargetAnswer): AnswerMeaning {
  const judged = noPromise(isAccepted?.(answer) ?? true, '`isAccepted`')
  if (typeof judged === 'string') return judged
  return judged ? 'accepted' : 'refused'
}

function bodyOf(answer: Answer): TargetAnswer {
  const { status, body } = answer
  const text = isCoded(answer)
    ? ''
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  return { status, text, json: parsed(text) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\u{FEFF}') ? text.slice(1) : text)
  } catch {
    return undefined // an answer that is no JSON has no values to point at
  }
}

function remoteOf(texts: { readonly id?: string | undefined; readonly url?: string | undefined }): Remote {
  const { id } = texts
  const url = webUrl(texts.url)
  return {
    ...(id === undefined ? undefined : { id: cut(id, longestText) }),
    ...(url === undefined ? undefined : { url }),
  }
}

/** What went wrong: where the target points, or the body when it is one line of text, as Slack's are. */
function errorOf(answer: TargetAnswer, error: AnswerShape['error']): Remote | undefined {
  if (error === undefined) return undefined
  const found = wordsOf(answer, error) ?? lineOf(answer)
  return found === undefined ? undefined : { error: cut(found, longestText) }
}

function wordsOf(answer: TargetAnswer, error: AnswerShape['error']): string | undefined {
  if (typeof error !== 'function') return textAt(answer.json, error)
  try {
    return noPromise(error(answer), '`error`')
  } catch {
    return undefined // an answer that it did not expect: what its status means stands
  }
}

function lineOf({ text, json }: TargetAnswer): string | undefined {
  const line = text.trim()
  return json === undefined && line !== '' && line.length <= 200 && !/[<\n]/u.test(line) ? line : undefined
}
