import { RowLog } from './row-log.ts'
import type { Delivery } from '../../delivery.ts'

interface GroupedRow {
  /** In the order of recording. */
  readonly seq: number
  readonly delivery: Delivery
  /** Absent: it follows no other, and takes no place here. */
  readonly group?: string
  readonly forgotten?: boolean
}

/** Rows by hook and group, of those that were recorded with a group. */
export class RowGroups<Row extends GroupedRow> {
  readonly #logs = new Map<string, RowLog<Row>>()

  add(row: Row): void {
    if (row.group === undefined) return
    const key = keyOf(row.delivery.hookId, row.group)
    const log = this.#logs.get(key) ?? new RowLog<Row>()
    this.#logs.set(key, log)
    log.push(row)
  }

  /** Of one that was added and is now forgotten. */
  forget(row: Row): void {
    if (row.group === undefined) return
    const key = keyOf(row.delivery.hookId, row.group)
    const log = this.#logs.get(key)
    log?.forget()
    if (log?.rows.length === 0) this.#logs.delete(key)
  }

  /** @param formerHooks of rows that are another hook's by now: whose they were when they were added */
  move(formerHooks: ReadonlyMap<Row, string>): void {
    const grouped = [...formerHooks].filter(([{ group }]) => group !== undefined)
    const left = new Set(grouped.map(([{ group = '' }, hookId]) => keyOf(hookId, group)))
    for (const key of left) {
      const stay = (this.#logs.get(key)?.rows ?? []).filter((row) => !formerHooks.has(row))
      this.#set(key, stay)
    }
    for (const [key, rows] of Map.groupBy(grouped, ([{ delivery, group = '' }]) =>
      keyOf(delivery.hookId, group),
    )) {
      const both = [...(this.#logs.get(key)?.rows ?? []), ...rows.map(([row]) => row)]
      this.#set(
        key,
        both.toSorted((one, other) => one.seq - other.seq),
      )
    }
  }

  #set(key: string, rows: readonly Row[]): void {
    const there = rows.filter(({ forgotten }) => forgotten !== true)
    if (there.length === 0) this.#logs.delete(key)
    else this.#logs.set(key, new RowLog(there))
  }

  /** The last added first. */
  latest(hookId: string, group: string, limit: number): readonly Row[] {
    const rows = this.#logs.get(keyOf(hookId, group))?.rows ?? []
    const found: Row[] = []
    for (let index = rows.length - 1; index >= 0 && found.length < limit; index -= 1) {
      const row = rows[index] as Row
      if (row.forgotten !== true) found.push(row)
    }
    return found
  }
}

/** Of no other hook and group, whatever is in them. */
function keyOf(hookId: string, group: string): string {
  return `${hookId.length} ${hookId}${group}`
}
