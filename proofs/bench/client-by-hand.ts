import http from 'node:http'
import https from 'node:https'
import got, { type Got } from 'got'

export interface Agents extends Disposable {
  readonly http: http.Agent
  readonly https: https.Agent
}

/** As the default transport's: kept alive, the most recently used connection first. */
export function createAgents(): Agents {
  const settings = { keepAlive: true, scheduling: 'lifo' } as const
  const agents = { http: new http.Agent(settings), https: new https.Agent(settings) }
  return {
    ...agents,
    [Symbol.dispose]() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

/** got, set to do what the default transport does. */
export function createClient(agents: Agents): Got {
  return got.extend({
    agent: agents,
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
    throwHttpErrors: false,
    timeout: { request: 15_000 },
  })
}
