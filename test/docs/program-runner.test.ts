import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programFolder, type ProgramFolder } from './blocks.ts'
import { startProgramRunner, type ProgramRunner } from './program-runner.ts'

let folder: ProgramFolder
let runner: ProgramRunner
beforeAll(async () => {
  folder = await programFolder()
  runner = startProgramRunner()
})
afterAll(async () => {
  await runner[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

async function run(code: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  return runner.outputOf(await folder.write('program.ts', code), env)
}

describe('a program that is run in one process with others', () => {
  it('tells what it prints, until nothing is left for it to do', async () => {
    const code = `
      const later: string = 'later'
      setTimeout(() => console.log(later), 20)
      console.log('now')`
    expect(await run(code)).toBe('now\nlater\n')
  })

  it('begins anew when it is run again', async () => {
    const code = `let runs = 0; console.log((runs += 1))`
    expect([await run(code), await run(code)]).toEqual(['1\n', '1\n'])
  })

  it('finds nothing of the environment of the one before', async () => {
    const code = `console.log(process.env['OF_A_PROGRAM'])`
    expect([await run(code, { OF_A_PROGRAM: 'its' }), await run(code)]).toEqual(['its\n', 'undefined\n'])
  })

  it.each([
    ['throws', `throw new Error('on purpose')`, 'on purpose'],
    ['throws later', `setTimeout(() => { throw new Error('on purpose') }, 20)`, 'on purpose'],
    ['rejects, and nobody listens', `void Promise.reject(new Error('on purpose'))`, 'on purpose'],
    ['waits for what never comes', 'await new Promise(() => {})', 'waits for nothing'],
  ])('fails when it %s, and the next one does not', async (_, code, why) => {
    await expect(run(code)).rejects.toThrow(why)
    expect(await run(`console.log('well')`)).toBe('well\n')
  })
})
