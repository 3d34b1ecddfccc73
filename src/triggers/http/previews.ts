import type { TriggerRequest } from './request.ts'

/**
 * Who follows links that somebody has written, in lower case. Slack, Telegram and the others fetch what is pasted; so do mail scanners. The
 * list is a help alone: what matters is that a trigger starts by POST.
 */
const unfurlers: readonly string[] = [
  'slackbot',
  'slack-imgproxy',
  'twitterbot',
  'facebookexternalhit',
  'facebot',
  'linkedinbot',
  'discordbot',
  'telegrambot',
  'whatsapp',
  'skypeuripreview',
  'microsoftpreview',
  'bingpreview',
  'bingbot',
  'googlebot',
  'google-inspectiontool',
  'applebot',
  'mastodon',
  'redditbot',
  'pinterest',
  'embedly',
  'iframely',
  'mattermost-bot',
  'rocket.chat',
  'zulip',
  'viber',
  'line-poker',
  'vkshare',
  'mediapartners',
  'barracuda',
  'proofpoint',
  'mimecast',
]

/** A GET that nobody meant: a prefetch, a part of a file, or a preview of a link. */
export function isPreview(request: TriggerRequest): boolean {
  const purposes = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'].flatMap((name) => request.header(name))
  if (purposes.some((value) => /prefetch|prerender|preview/iu.test(value))) return true
  if (request.header('range').length > 0) return true
  const agent = request.header('user-agent').join(' ').toLowerCase()
  return unfurlers.some((name) => agent.includes(name))
}

/** A GET of a browser that somebody looks at. */
export function isNavigation(request: TriggerRequest): boolean {
  if (request.header('sec-fetch-mode').some((value) => value !== 'cors' && value !== 'no-cors')) return true
  return request.header('accept').some((value) => value.toLowerCase().includes('text/html'))
}

/** For people: nothing has started, and one button. It needs no script, and posts to where it is. */
export const confirmation: string = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="robots" content="noindex">
<meta name="viewport" content="width=device-width">
<title>Deploy?</title>
<h1>Deploy?</h1>
<p>This link starts a deployment. Nothing has been started yet.</p>
<form method="post"><button>Deploy</button></form>
</html>
`
