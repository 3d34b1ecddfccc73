import { hash } from 'node:crypto'
import type { ReleaseInput } from 'deploy-hooks'

/** What the version before has left. Each app has a hook, each hook several apps, and each release of an app one delivery. */
export interface UpgradePlan {
  readonly deliveries: number
  readonly hooks: number
  readonly apps: number
  /** How many more apps have one release alone, the first ones: all others came since. */
  readonly quiet: number
  /** How many of the last deliveries wait, and are due. */
  readonly waiting: number
  /** The receiver's. */
  readonly origin: string
  /** When the first one was recorded, and so many milliseconds later the next one: all of them within the last hours. */
  readonly from: number
  readonly everyMs: number
}

export const secret = 'a secret of the usual length, of 43 characters'
const user = 'gabrtv'
const hoursMs = 6 * 3_600_000

export function planOf(options: Pick<UpgradePlan, 'deliveries' | 'hooks' | 'origin'>): UpgradePlan {
  const { deliveries, hooks } = options
  const apps = Math.min(hooks * 10, Math.floor(deliveries / 2))
  const [quiet, waiting] = [Math.floor(apps / 10), Math.ceil(deliveries / 100)]
  return { ...options, apps, quiet, waiting, from: Date.now() - hoursMs, everyMs: hoursMs / deliveries }
}

/** Of the release with this number, from 0 on. */
export function appOf(plan: UpgradePlan, number: number): string {
  return `app-${hookIn(plan, number)}-${Math.floor(appIn(plan, number) / plan.hooks)}`
}

/** Which hook hears of it. */
export function hookIn(plan: UpgradePlan, number: number): number {
  return appIn(plan, number) % plan.hooks
}

function appIn({ apps, quiet }: UpgradePlan, number: number): number {
  return number < quiet ? apps + number : number % apps
}

export function versionOf({ apps }: UpgradePlan, number: number): string {
  return `v${Math.floor(number / apps) + 1}`
}

/** As it was dispatched. */
export function releaseOf(plan: UpgradePlan, number: number): ReleaseInput & { readonly summary: string } {
  return { app: appOf(plan, number), version: versionOf(plan, number), user, summary: 'old' }
}

/** No id is given to them: they are the former ones, and those of now. */
export function hookOf(
  { origin }: UpgradePlan,
  hook: number,
): { readonly url: string; readonly apps: readonly string[] } {
  return { url: `${origin}/hooks/${hook}?key=${hook}`, apps: [`app-${hook}-*`] }
}

/** As the version before made it of the URL. */
export function formerHookId(plan: UpgradePlan, hook: number): string {
  return `hook_${hash('sha256', hookOf(plan, hook).url, 'hex').slice(0, 16)}`
}

/** As the version before made it. */
export function formerDeliveryId(plan: UpgradePlan, number: number): string {
  const parts = ['release', appOf(plan, number), versionOf(plan, number)]
  const hook = formerHookId(plan, hookIn(plan, number))
  return `dlv_${hash('sha256', JSON.stringify([...parts, hook]), 'hex').slice(0, 32)}`
}

/** Of the deliveries before those that wait. */
export function stateOf(number: number): 'delivered' | 'dead' {
  return number % 20 === 7 ? 'dead' : 'delivered'
}
