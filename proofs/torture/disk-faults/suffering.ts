import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What a {@link file://./sufferer.ts | sufferer} is asked to do. */
export interface Suffering {
  readonly path: string
  readonly dispatches: number
  readonly pauseMs: number
}

/** What it says. */
export type News =
  | { readonly kind: 'opened'; readonly pid: number; readonly ms: number }
  | { readonly kind: 'acknowledged'; readonly version: number; readonly ms: number }
  | { readonly kind: 'rejected'; readonly version: number; readonly code: string; readonly ms: number }
  | { readonly kind: 'complaint'; readonly message: string }
  | { readonly kind: 'settled'; readonly stallMs: number }

export interface SufferingOptions extends Suffering {
  /** What `strace` does to system calls: `fsync,fdatasync:error=EIO:when=20..49`. Absent: nothing. */
  readonly inject?: string
  /** The news at which it is killed. */
  readonly killAt: (news: News, all: readonly News[]) => boolean
}

/** Longest that one may take. */
const patienceMs = 120_000
const sufferer = fileURLToPath(new URL('sufferer.ts', import.meta.url))

/** Runs one until it is killed. @returns all that it said */
export async function suffer({ inject, killAt, ...plan }: SufferingOptions): Promise<readonly News[]> {
  const node = [process.execPath, sufferer, JSON.stringify(plan)]
  const [command = '', ...args] = inject === undefined ? node : [...straced(inject), ...node]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: patienceMs })
  const closed = once(child, 'close')
  const all: News[] = []
  let pid = child.pid
  for await (const line of createInterface(child.stdout)) {
    const news = JSON.parse(line) as News
    all.push(news)
    if (news.kind === 'opened') ({ pid } = news)
    if (pid !== undefined && killAt(news, all)) process.kill(pid, 'SIGKILL')
  }
  await closed
  return all
}

function straced(inject: string): readonly string[] {
  const [calls = ''] = inject.split(':')
  return [
    'strace',
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-o',
    '/dev/null',
    '-e',
    `trace=${calls}`,
    '-e',
    `inject=${inject}`,
  ]
}
