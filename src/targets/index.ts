export { defineTarget } from './target.ts'
export type {
  AnswerMeaning,
  AnswerShape,
  Fields,
  LocatedTarget,
  Made,
  PollableTarget,
  Pointers,
  RequestShape,
  Target,
  TargetAnswer,
  TargetBody,
  TargetContext,
  TargetDefinition,
  TargetPoll,
  TargetRequest,
} from './shape.ts'
export type { NoOptions } from './target-options.ts'
export type { Remote, RemoteStatus } from './remote.ts'
export type { SignerName } from './signers.ts'

// Platforms: their deploy hooks.
export { deis } from './deis.ts'
export { shipmight, type ShipmightOptions } from './shipmight.ts'
export { fortrabbit } from './fortrabbit.ts'
export { flightcontrol, type FlightcontrolOptions } from './flightcontrol.ts'
export { stackblaze, type StackblazeOptions } from './stackblaze.ts'
export { vercel, type VercelOptions } from './vercel.ts'
export { netlify, type NetlifyOptions } from './netlify.ts'
export { render, type RenderOptions } from './render-com.ts'
export { coolify, type CoolifyOptions } from './coolify.ts'
export { dokploy, type DokployOptions } from './dokploy.ts'
export { caprover } from './caprover.ts'

// Chats.
export type { ChatOptions } from './chat-message.ts'
export { discord, type DiscordOptions } from './discord.ts'
export { googleChat, type GoogleChatOptions } from './google-chat.ts'
export { mattermost, type MattermostOptions } from './mattermost.ts'
export { slack, type SlackOptions } from './slack.ts'
export { teams, type TeamsOptions } from './teams.ts'
export { ntfy, type NtfyOptions } from './ntfy.ts'

// Builds and test suites.
export { buildkite, type BuildkiteOptions } from './buildkite.ts'
export { checkly, type ChecklyOptions } from './checkly.ts'
export { circleci, type CircleciOptions } from './circleci.ts'
export { ghostInspector, type GhostInspectorOptions } from './ghost-inspector.ts'
export {
  githubDeployment,
  type GithubDeploymentOptions,
  type GithubDeploymentState,
} from './github-deployment.ts'
export { githubDispatch, type GithubDispatchOptions } from './github-dispatch.ts'
export type { GithubOptions } from './github.ts'
export { gitlabPipeline, type GitlabPipelineOptions } from './gitlab-pipeline.ts'
export { jenkins, type JenkinsJobOptions, type JenkinsTriggerOptions } from './jenkins.ts'

// Deploy markers.
export { datadogDeployment, type DatadogDeploymentOptions } from './datadog-deployment.ts'
export { grafanaAnnotation, type GrafanaAnnotationOptions } from './grafana-annotation.ts'
export { honeybadgerDeploy, type HoneybadgerDeployOptions } from './honeybadger-deploy.ts'
export { newRelicDeployment, type NewRelicDeploymentOptions } from './new-relic-deployment.ts'
export { rollbarDeploy, type RollbarDeployOptions } from './rollbar-deploy.ts'
export { sentryDeploy, type SentryDeployOptions } from './sentry-deploy.ts'

// Events and plain requests.
export { standardWebhook, type StandardWebhookOptions } from './standard-webhook.ts'
export { cdEvent, type CdEventOptions } from './cd-event.ts'
export { cloudEvent, type CloudEventOptions } from './cloud-event.ts'
export type { EventOptions } from './event-request.ts'
export { herokuForm, type HerokuFormOptions } from './heroku-form.ts'
export { jsonPost, type JsonPostOptions } from './json-post.ts'
