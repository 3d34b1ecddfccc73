import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A loopback port on which nothing listens. Not one that the system chose: it would give it to the next process that
 * asks for any port, so it is tried below the range that Linux (32768) and macOS (49152) choose from.
 */
export async function closedPort(): Promise<number> {
  const port = randomInt(20_000, 32_768)
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return closedPort() // taken
  }
  server.close()
  await once(server, 'close')
  return port
}
