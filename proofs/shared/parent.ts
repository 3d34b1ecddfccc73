/** The other end of a peer: what its process says, and is told. */

export function tellParent(news: unknown): void {
  process.send?.(news)
}

/** Hears orders until the parent ends, and ends then. */
export function obeyParent(obey: (order: unknown) => void): void {
  process.on('message', obey)
  process.once('disconnect', () => process.exit())
  if (!process.connected) process.exit() // the parent ended while this process started
}
