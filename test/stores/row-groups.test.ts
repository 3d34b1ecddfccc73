import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Delivery } from '../../src/index.ts'
import { RowGroups } from '../../src/stores/memory/row-groups.ts'

interface Row {
  readonly seq: number
  delivery: Delivery
  readonly group?: string
  forgotten?: boolean
}

/** The index looks at the hook alone. */
const rowOf = (seq: number, hookId: string, group?: string): Row => ({
  seq,
  delivery: { hookId } as Delivery,
  ...(group === undefined ? undefined : { group }),
})

it('gives the last added first, whatever was forgotten, or moved to another hook', () => {
  const add = fc.record({ hook: fc.constantFrom('a', 'b'), group: fc.constantFrom('web', 'api', undefined) })
  const move = fc.record({ from: fc.constantFrom('a', 'b'), some: fc.array(fc.boolean(), { minLength: 1 }) })
  const step = fc.oneof(
    { weight: 6, arbitrary: add },
    { weight: 4, arbitrary: fc.nat(100) },
    { weight: 1, arbitrary: move },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 9 }), (steps, limit) => {
      const groups = new RowGroups<Row>()
      const model: Row[] = []
      for (const [seq, each] of steps.entries()) {
        if (typeof each === 'object' && 'from' in each) {
          const moved = model.filter(
            ({ delivery }, index) =>
              delivery.hookId === each.from && each.some[index % each.some.length] === true,
          )
          for (const row of moved) row.delivery = { hookId: each.from === 'a' ? 'b' : 'a' } as Delivery
          groups.move(new Map(moved.map((row) => [row, each.from])))
        } else if (typeof each === 'number') {
          const [row] = model.splice(each % Math.max(model.length, 1), 1)
          if (row === undefined) continue
          row.forgotten = true
          groups.forget(row)
        } else {
          const row = rowOf(seq, each.hook, each.group)
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
