/** What an emulated platform received: every request, also those that it refused. */
export interface PlatformRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** An answer as the platform gives it. An object is sent as JSON. */
export interface PlatformAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** @default none */
  readonly body?: string | object | undefined
}

/** What a release became on an emulated platform. Each question for it moves it on by one status, until the last. */
export interface PlatformDeployment {
  readonly id: string
  /** In the platform's own words. */
  readonly status: string
  /** The request that started it. */
  readonly request: PlatformRequest
}

/** What the rules of a platform have to work with. */
export interface PlatformState {
  /** Of this server: `http://127.0.0.1:49152`. */
  readonly origin: string
  readonly credentials: Readonly<Record<string, string>>
  /** Those that were started, first to last. */
  readonly deployments: readonly PlatformDeployment[]
  /** Starts a deployment. It ends as the emulator was told. */
  start(request: PlatformRequest): PlatformDeployment
  /** The deployment as it stands now, one status further. */
  ask(id: string): PlatformDeployment | undefined
  /** Requests that this rule has counted within so many milliseconds, this one included. */
  countWithin(rule: string, milliseconds: number): number
}

/** How one platform answers: its own statuses, error bodies and token rules, as it documents them. */
export interface PlatformRules {
  /** Tokens, ids and names that a hook needs. The first letters tell what they are, all of them are made up. */
  readonly credentials: Readonly<Record<string, string>>
  /** Path and query of the hook URL. */
  hookPath(credentials: Readonly<Record<string, string>>): string
  /** What a deployment goes through, by how it ends; absent for platforms that have none. */
  readonly statuses?: Readonly<Record<'succeeded' | 'failed', readonly string[]>> | undefined
  answer(request: PlatformRequest, state: PlatformState): PlatformAnswer
}

/** The platform's answer with a JSON body. */
export function json(status: number, body: object): PlatformAnswer {
  return { status, body }
}

/** The platform's answer in plain text, as one sends it that knows no other errors. */
export function text(
  status: number,
  body: string,
  headers?: Readonly<Record<string, string>>,
): PlatformAnswer {
  return { status, body, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } }
}

/** A request's JSON body, or `undefined` for what is none. */
export function jsonOf({ body }: PlatformRequest): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // the platform answers so, in its own words
  }
}
