import { readFileSync } from 'node:fs'
import type { Release } from '../../src/index.ts'

/** Known answers made with Python's urllib.parse and hmac: see `about` in deis.json. */
export interface Vector {
  readonly name: string
  readonly secret: string
  readonly base_url: string
  readonly fields: {
    readonly app: string
    readonly release: string
    readonly release_summary: string
    readonly sha: string
    readonly user: string
  }
  readonly url: string
  readonly sha1: string
  readonly sha256: string
  readonly legacy_url?: string
  readonly legacy_sha1?: string
  readonly legacy_sha256?: string
}

export interface RawVector {
  readonly name: string
  readonly secret: string
  readonly url: string
  readonly sha1: string
  readonly sha256: string
}

const file = JSON.parse(readFileSync(new URL('deis.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly Vector[]
  readonly raw_url_vectors: readonly RawVector[]
}

export const vectors: readonly Vector[] = file.vectors
export const rawVectors: readonly RawVector[] = file.raw_url_vectors

/** Known answers for what a release says besides Deis's five: see `about` in native.json. */
export interface NativeVector extends Omit<Vector, 'fields'> {
  readonly fields: Vector['fields'] & {
    readonly release_delivery?: string
    readonly release_deployment?: string
    readonly release_environment?: string
    readonly release_stage?: 'succeeded' | 'failed' | 'rolled-back'
    readonly release_time?: string
  }
}

const nativeFile = JSON.parse(readFileSync(new URL('native.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly NativeVector[]
  readonly reserved: readonly NativeVector[]
  readonly own: readonly NativeVector[]
}

export const nativeVectors: readonly NativeVector[] = nativeFile.vectors
/** With a time, which nothing sends yet. */
export const reservedVectors: readonly NativeVector[] = nativeFile.reserved
/** Signed by Deis, for URLs with a parameter of such a name. */
export const ownVectors: readonly NativeVector[] = nativeFile.own

/** Configurations that cannot be sent as they were signed: each is refused with its code. */
export const refusedConfigurations: Readonly<Record<string, string>> = {
  'fragment (whole query ends up in it)': 'hook_url_fragment',
  userinfo: 'hook_url_credentials',
  'leading-space-from-"a, b" list': 'hook_url_whitespace',
  'secret-empty-string (header still sent)': 'secret_invalid',
}

/** Releases that this library does not send, but that a Deis controller may: they are verified all the same. */
export const otherReleases: readonly string[] = ['all-empty', 'control-characters']

/** A vector's fields under this library's names. */
export function releaseOf({ fields }: Pick<Vector, 'fields'>): { app: string; version: string; user: string; sha: string; summary: string } {
  return {
    app: fields.app,
    version: fields.release,
    user: fields.user,
    sha: fields.sha,
    summary: fields.release_summary,
  }
}

/** All that a verifier reads of a vector, under this library's names. */
export function fullReleaseOf(vector: NativeVector): ReturnType<typeof releaseOf> & Partial<Record<'environment' | 'deployment' | 'time', string>> & Pick<Release, 'stage'> {
  const { release_stage: stage, release_environment: environment, release_deployment: deployment, release_time: time } = vector.fields
  return {
    ...releaseOf(vector),
    ...(stage === undefined ? undefined : { stage }),
    ...(environment === undefined ? undefined : { environment }),
    ...(deployment === undefined ? undefined : { deployment }),
    ...(time === undefined ? undefined : { time }),
  }
}
