const shortest = 4

/** Of everything that left the library, where and which of these texts stand in it, in whatever case. */
export function found(
  outputs: ReadonlyMap<string, Buffer>,
  needles: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const sought = [...needles].flatMap(([what, texts]) =>
    texts.map((text) => ({ what, bytes: lower(Buffer.from(text)) })),
  )
  const byStart = Map.groupBy(sought, ({ bytes }) => startAt(bytes, 0))
  const isFirst = new Uint8Array(2 ** 16)
  for (const start of byStart.keys()) isFirst[start >>> 16] = 1
  return [...outputs].flatMap(([where, bytes]) => {
    const output = lower(bytes)
    const hits = new Map<string, string>()
    for (let at = 0; at + shortest <= output.length; at += 1) {
      if (isFirst[(byteAt(output, at) << 8) | byteAt(output, at + 1)] === 0) continue
      for (const { what, bytes: needle } of byStart.get(startAt(output, at)) ?? [])
        if (!hits.has(what) && needle.equals(output.subarray(at, at + needle.length)))
          hits.set(what, `${what} in ${where}: …${output.toString('latin1', Math.max(0, at - 60), at + 30)}…`)
    }
    return [...hits.values()]
  })
}

function startAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at)
}

function byteAt(bytes: Buffer, at: number): number {
  return bytes[at] ?? 0
}

function lower(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  for (let at = 0; at < copy.length; at += 1) {
    const byte = byteAt(copy, at)
    if (byte >= 0x41 && byte <= 0x5a) copy[at] = byte + 0x20
  }
  return copy
}
