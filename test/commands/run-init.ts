/** Runs `init` for the config file that is its argument, on this very host, and prints how it ended as JSON. */
import { command } from '../../src/commands/init.ts'
import { HealthError } from '../../src/core/errors.ts'
import type { HostOutput } from '../../src/host/host.ts'
import { makeHost } from '../../src/host/real.ts'

const main = async (config: string): Promise<object> => {
  const host = makeHost({
    root: '/',
    dryRun: false,
    out: {} as HostOutput,
    onEndSignal: () => {},
    logAction: () => {},
  })
  const global = {
    config,
    stateDir: '/x',
    logDir: '/x',
    json: true,
    quiet: false,
    verbose: false,
    dryRun: false,
  }
  try {
    const result = await command.run({
      host,
      global,
      version: '0',
      loaded: null,
      args: [],
      options: {},
      remainingMs: () => Number.POSITIVE_INFINITY,
      holdTimeout: () => {},
    })
    return result.document?.body ?? {}
  } catch (error) {
    if (!(error instanceof HealthError)) throw error
    return { code: error.code, message: error.message, mend: error.mend }
  }
}

main(process.argv[2] ?? '').then((ended) => process.stdout.write(JSON.stringify(ended)))
