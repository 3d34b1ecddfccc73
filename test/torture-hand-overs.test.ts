import { describe, expect, it } from 'vitest'
import type { Evidence } from '../proofs/torture/evidence.ts'
import type { Life } from '../proofs/torture/life.ts'
import { checkHandOvers } from '../proofs/torture/postgres/hand-overs.ts'

/** Times are milliseconds of the run. */
interface Ran {
  readonly life: number
  readonly spawnedAt: number
  readonly askedAt: number
  readonly endedAt: number
  /** When it sent something, which took no time, to the hook `smoke`. */
  readonly sentAt: readonly number[]
}

/** All that is sent was there from the beginning, and is not settled. */
function evidenceOf(all: readonly Ran[]): Evidence {
  const sent = all.flatMap(({ life, sentAt }) => sentAt.map((at) => ({ life, at })))
  const receipts = sent
    .toSorted((one, other) => one.at - other.at)
    .map(({ life, at }, index) => ({
      number: index + 1,
      id: `d${index}`,
      life,
      begunAt: at,
      bytes: 'POST /smoke?a=1 HTTP/1.1',
      at,
      status: 200,
      answeredAt: at,
    }))
  const delivery = { release: 1, state: 'waiting', attemptsMade: 0, recordedAt: 0, attempts: [] }
  return {
    lives: new Map(all.map((ran) => [ran.life, lifeOf(ran)])),
    acked: new Set(),
    receipts: new Map(receipts.map((receipt) => [receipt.id, [receipt]])),
    stored: new Map(receipts.map(({ id }) => [id, { id, ...delivery }])),
    outages: [],
  }
}

function lifeOf({ life, spawnedAt, askedAt, endedAt }: Ran): Life {
  const ending = { how: 'terminated', askedAt, endedAt, code: 0 }
  return { plan: { life, closeMs: 3000 }, spawnedAt, ending } as unknown as Life
}

const leaving: Ran = { life: 1, spawnedAt: 0, askedAt: 5000, endedAt: 5500, sentAt: [4000, 4900] }
const later: Ran = { life: 3, spawnedAt: 9000, askedAt: 20_000, endedAt: 20_100, sentAt: [12_000] }

describe('the check of lanes that are handed over', () => {
  it('finds that one who was sending took the lane too late', () => {
    const other: Ran = { life: 2, spawnedAt: 0, askedAt: 20_000, endedAt: 20_100, sentAt: [3000, 8000] }
    const { figures, violations } = checkHandOvers(evidenceOf([leaving, other]))
    expect(figures).toMatchObject({ 'lanes handed over': 1 })
    expect(violations).toEqual([
      'Lanes that were handed back were not taken within 2000 ms: 1, such as 3000 ms',
    ])
  })

  it('expects nothing of one who was still starting, and was asked to end itself before it took part', () => {
    const other: Ran = { life: 2, spawnedAt: 4900, askedAt: 5600, endedAt: 5700, sentAt: [] }
    const { figures, violations } = checkHandOvers(evidenceOf([leaving, other, later]))
    expect(figures).toEqual({ 'lanes handed over': 0 })
    expect(violations).toEqual(['No lane was handed over, so nothing was measured'])
  })
})
