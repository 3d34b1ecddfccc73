/**
 * What one explanation may cost at most, whatever is configured and sent. Each is a fraction of a second by itself, on a slow machine
 * too; the last is looked at all the time, since no count tells what a machine takes.
 */
const most = {
  /** Bytes that are hashed. */
  hashed: 64 * 1024 * 1024,
  /** Signatures that are tried, of short texts: 2 us each. */
  signatures: 100_000,
  /** Characters that are read or written to make what is tried. */
  characters: 32_000_000,
  /** Of this thread. */
  cpuMs: 300,
} as const

/** How much is done between two looks at the clock, in characters: 1 ms or so. */
const betweenLooks = 250_000
const perSignature = 500

// An HMAC hashes two blocks of 64 bytes besides the message, and the 32 bytes of the first hash.
const hashedBesides = 160

/** Ends a search. It leaves no explanation: what was found until then is told. */
export class BudgetSpent extends Error {
  override name = 'BudgetSpent'
}

/** Counts what an explanation costs, before it does. */
export class Budget {
  readonly #cpuMs: () => number
  readonly #startedAt: number
  #hashed = 0
  #signatures = 0
  /** In units of a short signature. */
  #tried = 0
  #characters = 0
  #sinceLook = 0

  /** @param cpuMs the clock, in milliseconds from anywhere */
  constructor(cpuMs: () => number = usedCpuMs) {
    this.#cpuMs = cpuMs
    this.#startedAt = cpuMs()
  }

  /**
   * Before signatures of so many bytes are made.
   *
   * @param cost of one of them, besides its bytes, in signatures of a short text
   * @throws {@link BudgetSpent}
   */
  sign(bytes: number, count = 1, cost = 1): void {
    if (this.#tried + count * cost > most.signatures) throw new BudgetSpent()
    this.hash(count * (bytes + hashedBesides))
    this.#look(count * cost * perSignature)
    this.#tried += count * cost
    this.#signatures += count
  }

  /**
   * Before so many bytes are hashed.
   *
   * @throws {@link BudgetSpent}
   */
  hash(bytes: number): void {
    if (this.#hashed + bytes > most.hashed) throw new BudgetSpent()
    this.#look(bytes)
    this.#hashed += bytes
  }

  /**
   * Before so many characters are read or written.
   *
   * @throws {@link BudgetSpent}
   */
  read(characters: number): void {
    this.#characters += characters
    if (this.#characters > most.characters) throw new BudgetSpent()
    this.#look(characters)
  }

  /** What was tried, in words. */
  get tried(): string {
    const mebibytes = (this.#hashed / 1024 / 1024).toFixed(1)
    return `${this.#signatures} ${this.#signatures === 1 ? 'signature' : 'signatures'} over ${mebibytes} MiB`
  }

  #look(work: number): void {
    this.#sinceLook += work
    if (this.#sinceLook < betweenLooks) return
    this.#sinceLook = 0
    if (this.#cpuMs() - this.#startedAt > most.cpuMs) throw new BudgetSpent()
  }
}

/** The processor's time of this thread where it is told, as by Node 24, else of the process, else of the wall. */
function usedCpuMs(): number {
  const { process }: { process?: Partial<Pick<NodeJS.Process, 'threadCpuUsage' | 'cpuUsage'>> } = globalThis
  const usage = process?.threadCpuUsage?.() ?? process?.cpuUsage?.()
  return usage === undefined ? performance.now() : (usage.user + usage.system) / 1000
}
