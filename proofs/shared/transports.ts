import { gotTransport, type Transport } from 'deploy-hooks'

/** In the order of the report. */
export const transportNames = ['got', 'undici'] as const
export type TransportName = (typeof transportNames)[number]

/** Loaded only when it is asked for, so that what one loads is not in another's memory. */
export async function loadTransport(name: TransportName): Promise<() => Transport> {
  if (name === 'got') return gotTransport
  const specifier: string = 'deploy-hooks/undici'
  const { undiciTransport } = (await import(specifier)) as { undiciTransport: () => Transport }
  return undiciTransport
}

/** Whether this build has it. */
export function hasTransport(name: TransportName): boolean {
  if (name === 'got') return true
  try {
    import.meta.resolve('deploy-hooks/undici')
    return true
  } catch {
    return false
  }
}
