import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface RunningProgram extends AsyncDisposable {
  readonly port: number
  readonly url: string
  /** What its files are in; gone with it. */
  readonly folder: string
}

export interface Program {
  /** The command line, that stays in the foreground. */
  readonly command: readonly [string, ...string[]]
  /** Files to write into the folder, by name. */
  readonly files: Readonly<Record<string, string>>
}

/** Starts a server in a folder of its own, and waits until it listens. */
export async function startProgram(
  program: (folder: string, port: number) => Program,
): Promise<RunningProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'deploy-hooks-program-'))
  await chmod(folder, 0o777) // they give up being root
  const port = await freePort()
  const { command, files } = program(folder, port)
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const [file, ...args] = command
  const child = spawn(file, args, { stdio: 'ignore' })
  const stop = async (): Promise<void> => {
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  }
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (tries === 200 || child.exitCode !== null) {
      await stop()
      throw new Error(`${file} did not start`)
    }
    await sleep(50)
  }
  return { port, url: `http://127.0.0.1:${port}`, folder, [Symbol.asyncDispose]: stop }
}

/** The first line of what a program says of its version. */
export function versionOf(program: string, flag: string): string {
  return execFileSync(program, [flag], { encoding: 'utf8' }).split('\n')[0]?.trim() ?? ''
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    socket.once('connect', () => (socket.destroy(), resolve(true)))
    socket.once('error', () => resolve(false))
  })
}
