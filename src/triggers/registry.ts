import type { ListedBy, TokenRecord, TriggerRecord, TriggerRecords } from '../stores/triggers/records.ts'
import { changedSettings, checkedCreate, checkedUpdate, type Allowed } from './checked-options.ts'
import type { CreateTrigger, UpdateTrigger } from './options.ts'
import { createToken, digestOf, hintOf, randomId } from './token.ts'
import { shownTrigger, type Trigger } from './trigger.ts'
import { urlOf } from './trigger-url.ts'

/** A trigger that has just been made, or rotated: with the token, which is shown this once. */
export interface TokenShown {
  readonly trigger: Trigger
  /** Nothing keeps it. */
  readonly token: string
  /** Where it is called, when `publicUrl` is known. It holds the token in every dialect but Shipmight's. */
  readonly url?: string | undefined
}

interface RegistryOptions {
  readonly records: TriggerRecords
  /** Of tokens. */
  readonly prefix: string
  readonly publicUrl: string | undefined
  readonly allowed: Allowed
  readonly now: () => number
}

const mostListed = 1000

/** Which triggers there are: made, changed, given new tokens and revoked for whoever runs the platform. */
export class Registry {
  readonly #options: RegistryOptions

  constructor(options: RegistryOptions) {
    this.#options = options
  }

  async create(input: CreateTrigger): Promise<TokenShown> {
    const { records, allowed, now } = this.#options
    const {
      app,
      environment,
      tenant,
      dialect = 'native',
      expiresAt,
      ...settings
    } = checkedCreate(input, allowed)
    const { token, record } = this.#newToken()
    const trigger: TriggerRecord = {
      id: randomId('trg'),
      tenant,
      app,
      environment,
      dialect,
      settings,
      createdAt: now(),
      expiresAt: expiresAt === undefined ? undefined : Number(expiresAt),
      tokens: [record],
    }
    await records.create(trigger)
    return this.#shown(trigger, token)
  }

  async get(id: string): Promise<Trigger | undefined> {
    const trigger = await this.#options.records.get(id)
    return trigger === undefined ? undefined : shownTrigger(trigger)
  }

  async list(
    by: ListedBy,
    { after, limit = 100 }: { readonly after?: string | undefined; readonly limit?: number | undefined },
  ): Promise<readonly Trigger[]> {
    const page = { after, limit: Math.min(limit, mostListed) }
    return (await this.#options.records.list(by, page)).map(shownTrigger)
  }

  async update(id: string, changes: UpdateTrigger): Promise<Trigger | undefined> {
    const { records, allowed } = this.#options
    const { expiresAt } = checkedUpdate(changes, allowed)
    const known = await records.get(id)
    if (known === undefined) return undefined
    const settings = changedSettings(known, changes)
    const endsAt = expiresAt === undefined ? known.expiresAt : (expiresAt ?? undefined)
    const isThere = await records.update(id, settings, endsAt === undefined ? null : Number(endsAt))
    return isThere ? this.get(id) : undefined
  }

  async rotate(id: string, overlapMs: number): Promise<TokenShown | undefined> {
    const { records, now } = this.#options
    const { token, record } = this.#newToken()
    const at = now()
    if (!(await records.rotate(id, record, at + overlapMs, at))) return undefined
    const trigger = await records.get(id)
    return trigger === undefined ? undefined : this.#shown(trigger, token)
  }

  revoke(id: string, dropWaiting: boolean): Promise<boolean> {
    return this.#options.records.revoke(id, this.#options.now(), dropWaiting)
  }

  #newToken(): { readonly token: string; readonly record: TokenRecord } {
    const token = createToken(this.#options.prefix)
    return { token, record: { digest: digestOf(token), hint: hintOf(token) } }
  }

  #shown(trigger: TriggerRecord, token: string): TokenShown {
    const { publicUrl } = this.#options
    const url = publicUrl === undefined ? undefined : urlOf(publicUrl, trigger, token)
    return { trigger: shownTrigger(trigger), token, ...(url === undefined ? undefined : { url }) }
  }
}
