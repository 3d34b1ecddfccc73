import type { Behaviours } from './behaviours.ts'
import { newDelivery } from './samples.ts'
import { recordClaimed } from './steps.ts'

export const closing: Behaviours = {
  async 'may be closed twice'(store) {
    await recordClaimed(store, [newDelivery('1')])
    await store.close()
    await store.close()
  },

  async 'may be closed twice at the same time, and without having been used'(store) {
    await Promise.all([store.close(), store.close()])
  },
}
