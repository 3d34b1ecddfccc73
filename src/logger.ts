import { onRejection } from './rejection.ts'
import { shownText, textOfError } from './shown-text.ts'

/** What the library logs to: `console` fits. Fields are plain data without secrets or credentialed URLs. */
export interface Logger {
  debug?(message: string, fields?: Readonly<Record<string, unknown>>): void
  info?(message: string, fields?: Readonly<Record<string, unknown>>): void
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void
  error(message: string, fields?: Readonly<Record<string, unknown>>): void
}

/** Warnings and errors as Node process warnings, which an operator sees on stderr and can silence or listen to. */
export const processWarnings: Logger = {
  warn: emit,
  error: emit,
}

/**
 * A logger whose own faults become process warnings: they are no fault of what is logged. It is told every text as people may be shown
 * it, since strangers' words stand in many: a receiver's, a database's, a user's.
 */
export function guarded(logger: Logger): Logger {
  const guard =
    (level: 'warn' | 'error'): Logger['warn'] =>
    (message, fields) => {
      const line = shownText(message)
      const shown = fields && shownFields(fields)
      const failed = (error: unknown): void =>
        processWarnings[level](line, shownFields({ ...fields, logger: textOfError(error) }))
      try {
        const returned: unknown = shown === undefined ? logger[level](line) : logger[level](line, shown) // `console` prints an `undefined`
        onRejection(returned, failed)
      } catch (error) {
        failed(error)
      }
    }
  return { warn: guard('warn'), error: guard('error') }
}

function shownFields(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(fields)
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'string' ? shownText(value) : value]),
  )
}

function emit(message: string, fields?: Readonly<Record<string, unknown>>): void {
  const detail = fields === undefined ? undefined : JSON.stringify(fields)
  process.emitWarning(message, { type: 'DeployHooksWarning', ...(detail === undefined ? {} : { detail }) })
}
