import { guarded, processWarnings } from '../logger.ts'
import { signatures, type TriggerRecords } from '../stores/triggers/records.ts'
import { CallReader } from './call-reader.ts'
import type { Allowed } from './checked-options.ts'
import { Ending } from './ending.ts'
import { Endpoint } from './endpoint.ts'
import { Explainer } from './explainer.ts'
import { Gate } from './gate.ts'
import { parseRanges } from './http/source.ts'
import type { TriggersOptions } from './options.ts'
import { declaredParams } from './params.ts'
import { Registry } from './registry.ts'
import { Starter, type StarterOptions } from './starter.ts'
import { defaultTokenPrefix } from './token.ts'
import { TriggersEmitter } from './trigger-events.ts'

/** What triggers are made of. */
export interface Parts {
  readonly records: TriggerRecords
  readonly registry: Registry
  readonly endpoint: Endpoint
  readonly explainer: Explainer
  readonly ending: Ending
  /** Absent in a process that starts nothing. */
  readonly starter: Starter | undefined
  readonly events: TriggersEmitter
  /** Of tokens. */
  readonly prefix: string
}

const defaults = { perMinute: 10, startWithinMs: 30_000, runsAtMostMs: 3_600_000, startsAtOnce: 8 }

/** @param options that were checked */
export function partsOf(options: TriggersOptions): Parts {
  const { store, publicUrl, isApiKey, overlap, debounce, tokenPrefix: prefix = defaultTokenPrefix } = options
  const records = store.triggers as TriggerRecords // checked
  const logger = guarded(options.logger ?? processWarnings)
  const events = new TriggersEmitter(logger)
  const { now = Date.now, runsAtMostMs = defaults.runsAtMostMs } = options
  const shared = { events, records, runsAtMostMs, logger, now, prefix, publicUrl }
  const starter = starterOf(options, shared)
  const gate = new Gate({
    ...shared,
    reader: new CallReader({
      ...shared,
      params: declaredParams(options.params ?? {}),
      secrets: options.secrets,
    }),
    trustedProxies: parseRanges(options.trustedProxies ?? [], 'trustedProxies'),
    perMinute: options.perMinute ?? defaults.perMinute,
  })
  const ending = new Ending(shared)
  return {
    records,
    registry: new Registry({ ...shared, allowed: allowedBy(options) }),
    endpoint: new Endpoint({
      ...shared,
      gate,
      defaults: { overlap, debounce },
      isApiKey,
      ending,
      onTaken: () => starter?.look(),
    }),
    explainer: new Explainer({ ...shared, gate }),
    ending,
    starter,
    events,
    prefix,
  }
}

function starterOf(
  { workers = true, onTrigger, startWithinMs, startsAtOnce }: TriggersOptions,
  shared: Omit<StarterOptions, 'onTrigger' | 'startWithinMs' | 'startsAtOnce'>,
): Starter | undefined {
  if (!workers) return undefined
  return new Starter({
    ...shared,
    onTrigger,
    startWithinMs: startWithinMs ?? defaults.startWithinMs,
    startsAtOnce: startsAtOnce ?? defaults.startsAtOnce,
  })
}

function allowedBy({ params = {}, secrets, publicUrl }: TriggersOptions): Allowed {
  return {
    params: Object.keys(params),
    signatures: signatures.filter(
      (signature) => secrets !== undefined && (signature !== 'deis' || publicUrl !== undefined),
    ),
  }
}
