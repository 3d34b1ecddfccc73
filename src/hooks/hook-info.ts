/** Which hook something is about: scheme, host and path of its URL, `/…` in the place of a secret path, and never its query. */
export interface HookInfo {
  readonly id: string
  readonly url: string
}

export function infoOf({ id, shown }: { readonly id: string; readonly shown: string }): HookInfo {
  return { id, url: shown }
}
