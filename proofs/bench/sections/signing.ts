import { measureSigning } from '../signing.ts'
import { tableOf } from '../table.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds: 3 * rounds, warmUpRounds: 5, signings: 5000 }
  const standings = await measureSigning(options)
  return `
## Signing

The URL of a release and its signature. ${options.rounds} rounds of ${options.signings} signatures. Less is better. These are the public functions, which
check URL and secret each time; the dispatcher checks them once.

${tableOf(standings, [{ figure: 'micros', title: 'µs', digits: 2 }])}
`
}
