export type Path = readonly (string | number)[]

/** Every place in the value: itself, and what is in plain objects and lists. */
export function placesIn(value: unknown, path: Path = []): readonly Path[] {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype
  if (!isPlain) return [path]
  const inside = Object.entries(value as object).flatMap(([key, each]) =>
    placesIn(each, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return [path, ...inside]
}

/** The value with another one in this place. */
export function withAt(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other
  if (Array.isArray(value)) return value.with(Number(key), withAt(value[Number(key)], rest, other))
  const object = value as Readonly<Record<string, unknown>>
  return { ...object, [key]: withAt(object[key], rest, other) }
}

/** The value without what is in this place, or with it under another name. */
export function withoutAt(value: unknown, [key = '', ...rest]: Path, name?: string): unknown {
  if (rest.length > 0) {
    if (Array.isArray(value)) return value.with(Number(key), withoutAt(value[Number(key)], rest, name))
    const object = value as Readonly<Record<string, unknown>>
    return { ...object, [key]: withoutAt(object[key], rest, name) }
  }
  const { [key]: taken, ...others } = value as Readonly<Record<string, unknown>>
  return name === undefined ? others : { ...others, [name]: taken }
}
