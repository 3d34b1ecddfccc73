import type { TriggerDialect } from '../../stores/triggers/records.ts'
import type { Dialect } from './dialect.ts'
import { flightcontrol } from './flightcontrol.ts'
import { fortrabbit } from './fortrabbit.ts'
import { native } from './native.ts'
import { shipmight } from './shipmight.ts'
import { stackblaze } from './stackblaze.ts'

export const dialectOf: Readonly<Record<TriggerDialect, Dialect>> = {
  native,
  shipmight,
  fortrabbit,
  flightcontrol,
  stackblaze,
}
