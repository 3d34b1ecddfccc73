import { newDeliveries } from '../ledger/new-deliveries.ts'
import { first, type HookToTell } from '../ledger/telling.ts'
import { deliveryOf, type Row } from '../rows.ts'
import type { NewDelivery, Recorded, ToldResult } from '../store.ts'
import { recorded } from '../transition.ts'
import type { Database } from './database.ts'
import type { Run } from './in-transaction.ts'
import { isLocked } from './faults.ts'
import { record, standingOf } from './recorder.ts'
import { leastPatienceMs } from './patience.ts'
import type { Statements } from './statements.ts'
import { tellValues, type TellingRow } from './tellings.ts'
import { newRows, type NewRow } from './values.ts'

/** What the function of the database says of a telling. */
export interface Answer {
  readonly news: ToldResult['news']
  readonly ordinal: string
  /** Those that it is told to, or was when it is repeated. */
  readonly hooks: readonly string[]
  readonly isUnsure: boolean
}

type TellerDatabase = Pick<Database, 'query' | 'repeat' | 'transaction'>

/** Tells in one statement, which is a transaction of its own; what is to be added to something that was told before, in another. */
export async function tellAll(
  database: TellerDatabase,
  sql: Statements,
  rows: readonly TellingRow[],
): Promise<readonly ToldResult[]> {
  const run: Run = (text, values) => database.query(text, values)
  const [only, ...others] = rows
  let mayBeOwn = false
  try {
    const answered = await database.repeat(async (isRepeat) => {
      mayBeOwn = isRepeat
      // One that has to wait for long holds up no others: they are told one by one then.
      const patience = others.length > 0 ? leastPatienceMs : only?.patience.leftMs
      return run(sql.tell, [...tellValues(rows), patience])
    })
    const fresh = freshIn(answered)
    const answers = new Map(
      answered.filter(({ n }) => n !== null).map((row) => [Number(row['n']), answerOf(row)]),
    )
    return await Promise.all(
      rows.map((row, index) =>
        toldOf({ row, answer: answers.get(index) as Answer, fresh, mayBeOwn, sql, run }, database),
      ),
    )
  } catch (error) {
    if (only === undefined || others.length > 0 || !isLocked(error)) throw error
    return [await tellInDoubt(database, sql, only, doubtful(only))]
  }
}

async function toldOf(told: Told, database: TellerDatabase): Promise<ToldResult> {
  const { row, answer, sql } = told
  const toldTo = await toldToOf(told)
  const isOwn = answer.news === 'repeated' && toldTo.some((each) => each.fresh)
  if (isOwn) return resultOf({ ...answer, news: 'told' }, toldTo)
  const added = newcomers(row, answer)
  if (added.length === 0) return resultOf(answer, toldTo)
  try {
    const { news, more } = await widen(database, sql, row, answer)
    return resultOf({ ...answer, news }, news === 'repeated' ? [...toldTo, ...more] : more)
  } catch (error) {
    if (!isLocked(error)) throw error
    const hooks = added.map(({ hookId }) => hookId)
    const { recorded } = await tellInDoubt(database, sql, row, { ...doubtful(row), hooks })
    return resultOf({ ...answer, isUnsure: true }, [...toldTo, ...recorded])
  }
}

/**
 * Another transaction may tell the same under the same id, by a key or to a hook that was added: even in doubt it cannot be recorded
 * before that has ended. So it is told under an id of its own.
 */
async function tellInDoubt(
  database: TellerDatabase,
  sql: Statements,
  row: TellingRow,
  answer: Answer,
): Promise<ToldResult> {
  const rows = rowsOf(row, toldDeliveries(row, answer))
  const recorded = await database.repeat((isRepeat) =>
    record((text, values) => database.query(text, values), sql, rows, isRepeat),
  )
  return resultOf(answer, recorded)
}

/** Told to all, whatever others say. */
export function doubtful({ telling: { nonce, hooks } }: TellingRow): Answer {
  return { news: 'told', ordinal: nonce, hooks: hooks.map(({ hookId }) => hookId), isUnsure: true }
}

/** Tokens of what was recorded. */
export function freshIn(answered: readonly Row[]): ReadonlySet<number> {
  return new Set(
    answered
      .map(({ token }) => token)
      .filter((token) => token !== null)
      .map(Number),
  )
}

function answerOf(row: Row): Answer {
  return {
    news: row['news'] as Answer['news'],
    ordinal: String(row['ordinal']),
    hooks: JSON.parse(String(row['hooks'])) as string[],
    isUnsure: row['unsure'] === true,
  }
}

export function resultOf({ news, isUnsure }: Answer, results: readonly Recorded[]): ToldResult {
  return { news, recorded: results, ...(isUnsure ? { isUnsure } : undefined) }
}

interface Widened {
  readonly news: ToldResult['news']
  readonly more: readonly Recorded[]
}

/**
 * Hooks that were added since something was told get it, and are remembered with it, in one transaction. Asked once more what it is,
 * since it is news by now if its rollout was closed in between. While others hold its scope, they get it and are not remembered.
 */
function widen(
  database: Pick<Database, 'repeat' | 'transaction'>,
  sql: Statements,
  row: TellingRow,
  before: Answer,
): Promise<Widened> {
  return database.repeat((isRepeat) =>
    database.transaction(async (run) => {
      const [, , tellings] = tellValues([row])
      const [said] = (await run(sql.widen, [tellings, row.patience.leftMs])).map(answerOf)
      const isUnsure = said === undefined || said.isUnsure
      const answer = isUnsure ? before : said
      const added = newcomers(row, isRepeat ? before : answer) // it may have remembered them before the connection was lost
      const isNews = answer.news !== 'repeated'
      const given = isNews ? toldDeliveries(row, answer) : deliveriesOf(row, answer, added)
      const more = await record(run, sql, rowsOf(row, given), isRepeat)
      // While others hold its scope, what stands may be this very event.
      const apart = isUnsure ? [] : apartDeliveries(row, answer, hooksOf(more.filter(({ fresh }) => !fresh)))
      if (apart.length === 0) return { news: answer.news, more }
      const others = await record(run, sql, rowsOf(row, apart), isRepeat)
      return { news: answer.news, more: [...more.filter(({ fresh }) => fresh), ...others] }
    }),
  )
}

interface Told {
  readonly row: TellingRow
  readonly answer: Answer
  readonly fresh: ReadonlySet<number>
  /** The statement was repeated after a lost connection: what was there before may be its own. */
  readonly mayBeOwn: boolean
  readonly sql: Statements
  readonly run: Run
}

/** Those that it is, or was, told to. What was pruned is not among them. */
async function toldToOf({ row, answer, fresh, mayBeOwn, sql, run }: Told): Promise<readonly Recorded[]> {
  const rows = rowsOf(row, toldDeliveries(row, answer))
  const others = rows.filter(({ token }) => !fresh.has(token))
  const standing = others.length === 0 ? new Map<string, Row>() : await standingOf(run, sql, others)
  return rows.flatMap((each): Recorded[] => {
    const stands = standing.get(each.given.id)
    const isOwn = mayBeOwn && stands !== undefined && Number(stands['token']) === each.token
    if (fresh.has(each.token) || isOwn) return [freshOf(each)]
    return stands === undefined ? [] : [{ delivery: deliveryOf(stands), fresh: false }]
  })
}

/** Deliveries of the hooks that it is, or was, told to. */
export function toldDeliveries(row: TellingRow, answer: Answer): readonly NewDelivery[] {
  const hooks = row.telling.hooks.filter(({ hookId }) => answer.hooks.includes(hookId))
  return deliveriesOf(row, answer, hooks)
}

/** Deliveries of the hooks that something told before was not told to. Those that have one all the same stand. */
export function newcomerDeliveries(row: TellingRow, answer: Answer): readonly NewDelivery[] {
  return deliveriesOf(row, answer, newcomers(row, answer))
}

/** Deliveries of newcomers that have one of that id which is of another commit, or of what is forgotten. */
export function apartDeliveries(
  row: TellingRow,
  answer: Answer,
  standing: ReadonlySet<string>,
): readonly NewDelivery[] {
  if (answer.news !== 'repeated' || answer.ordinal !== first) return []
  const hooks = row.telling.hooks.filter(({ hookId }) => standing.has(hookId))
  return deliveriesOf(row, { ...answer, ordinal: row.telling.nonce }, hooks)
}

function hooksOf(recorded: readonly Recorded[]): ReadonlySet<string> {
  return new Set(recorded.map(({ delivery }) => delivery.hookId))
}

function newcomers({ telling }: TellingRow, { news, hooks }: Answer): readonly HookToTell[] {
  if (news !== 'repeated') return []
  return telling.hooks.filter(({ hookId, onlyChanges }) => onlyChanges !== true && !hooks.includes(hookId))
}

function deliveriesOf(
  { telling }: TellingRow,
  { news, ordinal }: Answer,
  hooks: readonly HookToTell[],
): readonly NewDelivery[] {
  return newDeliveries(telling, news, ordinal, hooks)
}

/** With the tokens that were taken for their hooks. */
export function rowsOf({ telling, token, until }: TellingRow, deliveries: readonly NewDelivery[]): NewRow[] {
  const tokens = new Map(telling.hooks.map(({ hookId }, index) => [hookId, token + index]))
  return newRows(
    deliveries,
    deliveries.map(({ hookId }) => tokens.get(hookId) as number),
    until,
  )
}

function freshOf({ given, token, isLeased }: NewRow): Recorded {
  const delivery = recorded(given)
  return isLeased ? { delivery, fresh: true, token } : { delivery, fresh: true }
}
