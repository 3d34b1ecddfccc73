import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { say } from './screen.ts'

/** What dispatcher.ts tells. */
export type News =
  | { readonly kind: 'started'; readonly text: string }
  | { readonly kind: 'recorded'; readonly text: string; readonly ids: Readonly<Record<string, string>> }
  | { readonly kind: 'delivered' | 'retrying' | 'dead'; readonly text: string; readonly hook: string }

export interface DispatcherProcess {
  readonly pid: number
  /** Ids of the deliveries by hook, once dispatch() has resolved. */
  recorded(): Promise<Readonly<Record<string, string>>>
  /** Resolves when it has told of an attempt for this hook. */
  attempted(hook: string): Promise<unknown>
  /** Resolves when it has told of this hook's delivery that it is delivered or dead. */
  settled(hook: string): Promise<unknown>
  /** Ends it by `kill -9`: it can do nothing about it. */
  kill(): Promise<void>
  /** Has it close its dispatcher and its store. Rejects when it does not end well. */
  stop(): Promise<void>
}

const colours = {
  started: 'bold',
  recorded: 'bold',
  delivered: 'green',
  retrying: 'yellow',
  dead: 'red',
} as const

/** Starts dispatcher.ts, and says what it tells. What it prints itself is an error, and goes straight to the screen. */
export function startDispatcher(name: string, env: Readonly<Record<string, string>>): DispatcherProcess {
  const child = fork(join(import.meta.dirname, 'dispatcher.ts'), { env: { ...process.env, ...env } })
  process.prependOnceListener('exit', () => child.kill('SIGKILL')) // before its files are removed
  const exited = once(child, 'exit')
  say('demo', `started ${name}, pid ${child.pid}`)
  const steps = new Map<string, PromiseWithResolvers<News>>()
  const step = (key: string): PromiseWithResolvers<News> => {
    const found = steps.get(key) ?? Promise.withResolvers()
    steps.set(key, found)
    return found
  }
  child.on('message', (news: News) => {
    say(name, news.text, colours[news.kind])
    if ('ids' in news) step('recorded').resolve(news)
    if (!('hook' in news)) return
    step(`attempted ${news.hook}`).resolve(news)
    if (news.kind !== 'retrying') step(`settled ${news.hook}`).resolve(news)
  })
  const told = async (key: string): Promise<News> => {
    const ended = exited.then(([code, signal]: (number | string | null)[]) => {
      throw new Error(`Expected ${name} to tell "${key}"; it ended before, with ${signal ?? code}.`)
    })
    return Promise.race([step(key).promise, ended])
  }
  return {
    pid: child.pid ?? 0,
    async recorded() {
      const news = await told('recorded')
      return 'ids' in news ? news.ids : {}
    },
    attempted: (hook) => told(`attempted ${hook}`),
    settled: (hook) => told(`settled ${hook}`),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.send('stop')
      const [code]: (number | null)[] = await exited
      if (code !== 0) throw new Error(`Expected ${name} to end with 0; it ended with ${code}.`)
    },
  }
}
