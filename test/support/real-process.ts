import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'

export interface RealProcess {
  pid: number
  /** The first line it wrote. */
  said: string
  /** Ends it and waits until it is gone. */
  end(): Promise<void>
}

/** A shell that does `script`, which says one line and then waits (`read x`); ended after the test. */
export const startShell = async (script: string, ...args: string[]): Promise<RealProcess> => {
  const child = spawn('/bin/sh', ['-c', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const end = (): Promise<void> => ended(child)
  onTestFinished(end)
  return { pid: child.pid ?? -1, said: await firstLine(child), end }
}

type Shell = ChildProcessByStdio<Writable, Readable, null>

const firstLine = (child: Shell): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`the shell ended after ${JSON.stringify(text)}`)))
    child.stdout.on('data', (part) => {
      text += part
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
  })

const ended = (child: Shell): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.removeAllListeners('exit')
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
