export { IncomingWebhook } from '@slack/webhook'
