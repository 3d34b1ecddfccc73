import { channel } from 'node:diagnostics_channel'
import { Emitter } from '../emitter.ts'
import type { Logger } from '../logger.ts'
import type { CallRecord, DeploymentRecord } from '../stores/triggers/records.ts'

/** What is told of triggers, also as diagnostics channels `deploy-hooks:<event>`. No token is in it. */
export interface TriggersEvents {
  /** A call was taken: what became of it is its `outcome`. */
  readonly 'trigger-called': { readonly call: CallRecord; readonly deployment: DeploymentRecord }
  /** A call of a trigger that there is was refused, or starts nothing: `outcome` is the code, `ping` or `ignored`. */
  readonly 'trigger-refused': { readonly call: CallRecord }
  /** `onTrigger` has started it. */
  readonly 'deployment-started': { readonly deployment: DeploymentRecord }
  /** `onTrigger` threw. `again`: it is tried again. */
  readonly 'deployment-not-started': {
    readonly deployment: DeploymentRecord
    readonly error: string
    readonly again: boolean
  }
  /** `finished()` told its end. */
  readonly 'deployment-finished': { readonly deployment: DeploymentRecord }
}

const channels = {
  'trigger-called': channel('deploy-hooks:trigger-called'),
  'trigger-refused': channel('deploy-hooks:trigger-refused'),
  'deployment-started': channel('deploy-hooks:deployment-started'),
  'deployment-not-started': channel('deploy-hooks:deployment-not-started'),
  'deployment-finished': channel('deploy-hooks:deployment-finished'),
}

export class TriggersEmitter extends Emitter<TriggersEvents> {
  constructor(logger: Logger) {
    super(channels, logger)
  }
}
