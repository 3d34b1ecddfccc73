import { writeFile } from 'node:fs/promises'
import type { Delivery } from 'deploy-hooks'
import type { StoreParts } from './engine-reader.ts'
import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Moment } from './moment.ts'
import { expectedOf, readFiles, type Source, type StoreFiles } from './source.ts'
import { walDamages } from './wal-damage.ts'

const given = {
  id: 'dlv_after_the_damage',
  hookId: 'audit',
  release: { app: 'web', version: 'v9', user: 'gabrtv', summary: 'after the damage' },
  recordedAt: 1_767_299_999_000,
}
/** As the store gives it to its engine. */
const { app, version, user, summary } = given.release
const values = {
  releases: [[app, version, user, null, summary, null]],
  deliveries: [[given.id, given.hookId, 0, given.recordedAt, null, null]],
}
const recorded: Delivery = { ...given, state: 'waiting', attempts: 0, dueAt: given.recordedAt }

/** The files of a copy that was damaged, opened, written to and killed: frames from before the damage are behind the new ones. */
export async function secondCrash(
  source: Source,
  path: string,
  chance: Chance,
  { openEngine }: StoreParts,
): Promise<{ readonly files: StoreFiles; readonly expected: Moment }> {
  const damage = chance.pick(Object.values(walDamages))
  const wal = damage(source.files.wal, chance, source.layout)
  await Promise.all([writeFile(path, source.files.main), writeFile(`${path}-wal`, wal)])
  const engine = openEngine(path)
  engine.transaction(() => engine.record(values, 0))
  const files = await readFiles(path)
  engine.close()
  const moment = expectedOf(source, { ...source.files, wal })
  return {
    files,
    expected: { ...moment, entries: [...moment.entries, { delivery: recorded, attempts: [] }] },
  }
}
