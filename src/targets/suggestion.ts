/** Receivers that are known by their host and path, and take nothing but their own kind of request. */
const known: readonly (readonly [target: string, host: RegExp, path: RegExp])[] = [
  ['slack', /^hooks\.slack(?:-gov)?\.com$/u, /^\/(?:services|workflows|triggers)\//u],
  ['discord', /^(?:\w+\.)?discord(?:app)?\.com$/u, /^\/api\/(?:v\d+\/)?webhooks\//u],
]

/** The target that a URL plainly needs: `slack` for `https://hooks.slack.com/services/…`. */
export function suggestedTarget({ hostname, pathname }: URL): string | undefined {
  return known.find(([, host, path]) => host.test(hostname) && path.test(pathname))?.[0]
}
