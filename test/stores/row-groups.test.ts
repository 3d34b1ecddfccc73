import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Delivery } from '../../src/index.ts'
import { RowGroups } from '../../src/stores/row-groups.ts'

interface Row {
  readonly delivery: Delivery
  readonly group?: string
  forgotten?: boolean
}

/** The index looks at the hook alone. */
const rowOf = (hookId: string, group?: string): Row => ({
  delivery: { hookId } as Delivery,
  ...(group === undefined ? undefined : { group }),
})

it('gives the last added first, whatever was forgotten', () => {
  const add = fc.record({ hook: fc.constantFrom('a', 'b'), group: fc.constantFrom('web', 'api', undefined) })
  const step = fc.oneof({ weight: 3, arbitrary: add }, { weight: 2, arbitrary: fc.nat(100) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 9 }), (steps, limit) => {
      const groups = new RowGroups<Row>()
      const model: Row[] = []
      for (const each of steps) {
        if (typeof each === 'number') {
          const [row] = model.splice(each % Math.max(model.length, 1), 1)
          if (row === undefined) continue
          row.forgotten = true
          groups.forget(row)
        } else {
          const row = rowOf(each.hook, each.group)
          model.push(row)
          groups.add(row)
        }
        for (const hook of ['a', 'b'])
          for (const group of ['web', 'api'])
            expect(groups.latest(hook, group, limit)).toEqual(
              model
                .filter((row) => row.delivery.hookId === hook && row.group === group)
                .toReversed()
                .slice(0, limit),
            )
      }
    }),
  )
})
