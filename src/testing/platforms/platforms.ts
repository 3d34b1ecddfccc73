import type { PlatformRules } from './platform.ts'

// Platforms: their deploy hooks.
import { stackblaze } from './stackblaze.ts'

// Chats.
import { ntfy } from './ntfy.ts'

// Builds and test suites.

// Deploy markers.

/** Platforms that can be emulated. */
export type PlatformName =
  // Platforms: their deploy hooks.
  | 'stackblaze'
  // Chats.
  | 'ntfy'
// Builds and test suites.

// Deploy markers.

export const platforms: Readonly<Record<PlatformName, PlatformRules>> = {
  // Platforms: their deploy hooks.
  stackblaze,

  // Chats.
  ntfy,

  // Builds and test suites.

  // Deploy markers.
}

export const platformNames: readonly PlatformName[] = Object.keys(platforms) as PlatformName[]
