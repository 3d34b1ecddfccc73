export interface Log {
  readonly warn: (message: string, fields?: object) => void
  readonly error: (message: string, fields?: object) => void
  readonly lines: string[]
}

export function newLog(): Log {
  const lines: string[] = []
  const add = (message: string, fields?: object): void =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`)
  return { warn: add, error: add, lines }
}
