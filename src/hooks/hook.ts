import type { ConnectionPolicy } from '../http/transport.ts'
import type { Sensitive } from '../masking/sensitive.ts'
import type { PaceOptions } from '../pace.ts'
import type { Stage } from '../release.ts'
import type { Schedule } from '../schedule.ts'
import type { Dialect } from '../signing/dialect.ts'
import type { BreakerSettings } from './breaker-settings.ts'
import type { HookIds } from './ids.ts'
import type { HookTarget } from './prepared-target.ts'

/** A hook, checked and ready. */
export interface Hook extends HookTarget, HookIds {
  /** What may be shown of the URL: scheme, host and path, or `/…` for a path that is secret. */
  readonly shown: string
  /** Tells its URL from another one, and not what it is. */
  readonly urlMark: string
  /** Its path is one, and so is that of where its receiver redirects to. */
  readonly secretPath: boolean
  readonly dialect: Dialect
  /** The stages that it hears of. */
  readonly after: ReadonlySet<Stage>
  /** Names and patterns of the apps whose releases it wants; absent for all. */
  readonly apps: readonly string[] | undefined
  /** Of the environments; absent for all, and for releases without one. */
  readonly environments: readonly string[] | undefined
  /** Texts that must not be kept when an answer echoes them: secrets, and those of the URL and of the proxy. */
  readonly sensitive: readonly Sensitive[]
  readonly concurrency: number
  readonly pace: PaceOptions | undefined
  /** Absent when it is switched off. */
  readonly breaker: BreakerSettings | undefined
  readonly schedule: Schedule
  /** In milliseconds. */
  readonly disableAfterMs: number
  readonly deadlineMs: number
  readonly connection: ConnectionPolicy
  readonly onlyChanges: boolean
  readonly supersede: boolean
}
