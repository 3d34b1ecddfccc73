/** Webhooks as their senders' documents show them, cut to what is read and what stands beside it. */

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
export const githubPush = {
  headers: { 'x-github-event': 'push', 'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
  body: {
    ref: 'refs/heads/main',
    before: '6113728f27ae82c7b1a177c8d03f9e96e0adf246',
    after: '59b20b8d5c6ff8d09518216e87bd6dcd0b3e0a6f',
    created: false,
    deleted: false,
    repository: { id: 186853002, full_name: 'Codertocat/Hello-World', default_branch: 'main' },
    pusher: { name: 'Codertocat', email: '21031067+Codertocat@users.noreply.github.com' },
    sender: { login: 'Codertocat', id: 21031067 },
    head_commit: { id: '59b20b8d5c6ff8d09518216e87bd6dcd0b3e0a6f', message: 'Update README' },
  },
}

export const githubPing = {
  headers: { 'x-github-event': 'ping' },
  body: { zen: 'Non-blocking is better than blocking.', hook_id: 109948940, hook: { type: 'Repository' } },
}

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#package, of the container registry */
export const githubPackage = {
  headers: { 'x-github-event': 'package' },
  body: {
    action: 'published',
    package: {
      id: 10696,
      name: 'hello-world',
      package_type: 'container',
      package_version: { id: 1, container_metadata: { tag: { name: '1.2.0', digest: 'sha256:0' } } },
    },
    sender: { login: 'Codertocat' },
  },
}

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
export const gitlabPush = {
  headers: { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': '13792a34-cac6-4fda-95a8-c58e00a3954e' },
  body: {
    object_kind: 'push',
    event_name: 'push',
    before: '95790bf891e76fee5e1747ab589903a6a1f80f22',
    after: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
    ref: 'refs/heads/main',
    checkout_sha: 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7',
    user_username: 'jsmith',
    project: { id: 15, path_with_namespace: 'mike/diaspora', default_branch: 'main' },
    total_commits_count: 4,
  },
}

/** https://docs.gitea.com/usage/webhooks: it sends GitHub's header, too. */
export const gitea = {
  headers: {
    'x-gitea-event': 'push',
    'x-github-event': 'push',
    'x-gitea-delivery': 'f6266f16-1bf3-46a5-9ea4-602e06ead473',
  },
  body: {
    ref: 'refs/heads/main',
    before: '28e1879d029cb852e4844d9c718537df08844e03',
    after: 'bffeb74224043ba2feb48d137756c8a9331c449a',
    repository: { id: 140, full_name: 'gitea/webhooks', default_branch: 'main' },
    pusher: { id: 1, login: 'gitea', username: 'gitea' },
    sender: { id: 1, login: 'gitea' },
  },
}

/** https://www.contentful.com/developers/docs/webhooks/overview/ */
export const contentful = {
  headers: { 'x-contentful-topic': 'ContentManagement.Entry.publish', 'x-contentful-webhook-name': 'deploy' },
  body: {
    sys: { type: 'Entry', id: '5KsDBWseXY6QegucYAoacS', environment: { sys: { id: 'master' } } },
    fields: {},
  },
}

/** https://docs.strapi.io/cms/backend-customization/webhooks#entrypublish */
export const strapi = {
  headers: { 'x-strapi-event': 'entry.publish' },
  body: { event: 'entry.publish', createdAt: '2020-01-10T08:59:35.796Z', model: 'address', entry: { id: 1 } },
}

/** https://www.sanity.io/docs/content-lake/webhooks */
export const sanity = {
  headers: { 'sanity-operation': 'update', 'sanity-document-id': 'a1b2', 'sanity-dataset': 'production' },
  body: { _id: 'a1b2', _type: 'post' },
}
