import type { TriggerDialect, TriggerRecord } from '../stores/triggers/records.ts'

const paths: Readonly<Record<TriggerDialect, (token: string, trigger: TriggerRecord) => string>> = {
  native: (token) => token,
  shipmight: () => 'api/v1/dh',
  fortrabbit: (token) => `v1/deploy-hook/${token}`,
  flightcontrol: (token, { settings }) => `api/deploy-hook/${settings.environmentId}/${token}`,
  stackblaze: (token) => `deploy-hooks/${token}`,
}

/** Where a trigger is called. @param publicUrl where the triggers are mounted */
export function urlOf(publicUrl: string, trigger: TriggerRecord, token: string): string {
  const base = publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`
  return base + paths[trigger.dialect](token, trigger)
}
