import { expect, inject, it } from 'vitest'

it('has the server of the run, and fails when it is asked to', () => {
  expect(inject('postgres')).toContain('postgres://')
  expect(process.env['VIOLATED']).toBeUndefined()
})
