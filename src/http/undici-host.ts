import { Places } from './places.ts'
import type { ConnectionPolicy } from './transport.ts'
import { UndiciConnection, type ConnectionKeeper } from './undici-connection.ts'

/** The connections to one host under one policy. */
export class UndiciHost implements ConnectionKeeper {
  readonly url: URL
  readonly policy: ConnectionPolicy
  readonly places: Places
  /** Idle ones. The most recently used is taken first, so that the others time out. */
  readonly #free: UndiciConnection[] = []
  readonly #open: Set<UndiciConnection>

  /** @param open those of all hosts */
  constructor(url: URL, policy: ConnectionPolicy, socketsPerHost: number, open: Set<UndiciConnection>) {
    this.url = url
    this.policy = policy
    this.places = new Places(socketsPerHost)
    this.#open = open
  }

  take(): UndiciConnection {
    const free = this.#free.pop()
    if (free !== undefined) return free
    const connection = new UndiciConnection(this)
    this.#open.add(connection)
    return connection
  }

  onFree(connection: UndiciConnection): void {
    this.#free.push(connection)
  }

  onClosed(connection: UndiciConnection): void {
    this.#open.delete(connection)
    const index = this.#free.indexOf(connection)
    if (index !== -1) this.#free.splice(index, 1)
  }
}
