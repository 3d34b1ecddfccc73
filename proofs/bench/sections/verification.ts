import { tableOf } from '../table.ts'
import { measureVerification } from '../verification.ts'

export async function section(rounds: number): Promise<string> {
  const options = { rounds: 5 * rounds, warmUpRounds: 5, verifications: 5000 }
  const standings = await measureVerification(options)
  return `
## Verification

One genuine message of about 200 bytes; 64 different ones in turn. ${options.rounds} rounds of ${options.verifications} verifications. Less is better.

${tableOf(standings, [{ figure: 'micros', title: 'µs', digits: 2 }])}
`
}
