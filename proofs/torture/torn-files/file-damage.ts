import { randomBytes } from 'node:crypto'
import type { Chance } from '../../../src/testing/store/chance.ts'
import type { Source, StoreFiles } from './source.ts'
import { walDamages } from './wal-damage.ts'

type WholeFiles = Source['files']
export type FileDamage = (source: Source, chance: Chance, other: WholeFiles) => StoreFiles

const shmBytes = 32_768

/** Files beside the main one damaged, missing or of another time. The WAL tells what counts; the `-shm` is made from it. */
export const fileDamages: Readonly<Record<string, FileDamage>> = {
  'nothing damaged': ({ files: { main, wal } }) => ({ main, wal }),
  'WAL missing': ({ files: { main } }) => ({ main }),
  '-shm as it was': ({ files }) => files,
  '-shm of noise': ({ files }) => ({ ...files, shm: randomBytes(shmBytes) }),
  '-shm cut': ({ files }, chance) => ({
    ...files,
    shm: files.shm.subarray(0, chance.below(files.shm.length)),
  }),
  '-shm of another store': ({ files }, _chance, { shm }) => ({ ...files, shm }),
  ...Object.fromEntries(
    Object.entries(walDamages).map(([kind, damage]) => [
      `WAL ${kind}`,
      ({ files, layout }: Source, chance: Chance) => {
        const wal = damage(files.wal, chance, layout)
        return chance.below(2) === 0 ? { ...files, wal } : { main: files.main, wal }
      },
    ]),
  ),
}
