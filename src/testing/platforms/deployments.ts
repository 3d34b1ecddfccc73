import type { PlatformDeployment, PlatformRequest } from './platform.ts'

/** The deployments of an emulated platform. */
export class Deployments {
  readonly #statuses: readonly string[]
  readonly #all: (PlatformDeployment & { asked: number })[] = []

  /** @param statuses what each goes through, in the platform's own words */
  constructor(statuses: readonly string[]) {
    this.#statuses = statuses
  }

  get all(): readonly PlatformDeployment[] {
    return this.#all.map(({ asked: _asked, ...deployment }) => deployment)
  }

  start(request: PlatformRequest): PlatformDeployment {
    const id = `dp-${this.#all.length + 1}`
    const deployment = { id, status: this.#statuses[0] ?? '', request, asked: 0 }
    this.#all.push(deployment)
    return { ...deployment }
  }

  ask(id: string): PlatformDeployment | undefined {
    const index = this.#all.findIndex((each) => each.id === id)
    const deployment = this.#all[index]
    if (deployment === undefined) return undefined
    const asked = Math.min(deployment.asked + 1, Math.max(this.#statuses.length - 1, 0))
    this.#all[index] = { ...deployment, asked, status: this.#statuses[asked] ?? '' }
    return { ...(this.#all[index] as PlatformDeployment) }
  }
}
