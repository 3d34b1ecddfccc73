export const second = 1000
export const minute: number = 60 * second
export const hour: number = 60 * minute
export const day: number = 24 * hour

const units = [
  [day, 'd'],
  [hour, 'h'],
  [minute, 'min'],
  [second, 's'],
] as const

/** The two largest units: `4 h 41 min`. */
export function inWords(ms: number): string {
  const seconds = Math.round(ms / second) * second
  const whole = ms < hour ? seconds : Math.round(ms / minute) * minute
  const first = units.findIndex(([unit]) => whole >= unit)
  if (first === -1) return ms === 0 ? '0 s' : 'under 1 s'
  const [[large, name], small] = [units[first] ?? units[3], units[first + 1]]
  const count = Math.floor(whole / large)
  const rest = small === undefined ? 0 : Math.round((whole % large) / small[0])
  return rest === 0 || small === undefined ? `${count} ${name}` : `${count} ${name} ${rest} ${small[1]}`
}
