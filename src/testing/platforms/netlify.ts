import { text, type PlatformRules } from './platform.ts'

/** `POST /build_hooks/{id}?trigger_title=&trigger_branch=&clear_cache=`: 200 and nothing more. */
export const netlify: PlatformRules = {
  credentials: { hook: '0123madeup4567hook89ab' },
  hookPath: ({ hook = '' }) => `/build_hooks/${hook}`,
  answer(request, state) {
    if (request.method !== 'POST' || request.path !== `/build_hooks/${state.credentials['hook']}`)
      return text(404, 'Not Found')
    state.start(request)
    return { status: 200 }
  },
}
