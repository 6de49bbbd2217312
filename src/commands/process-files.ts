import type { ServiceFacts } from '../core/service.ts'
import type { GlobalOptions } from './command.ts'

/** Where the pid and the output of a process that we start go. */
export const processFiles = (
  { name, target }: ServiceFacts,
  { stateDir, logDir }: GlobalOptions,
): { pidFile: string; outputFile: string } => {
  // A name may hold what no file name should.
  const fileName = name.replace(/[^\w.@-]/g, '_').slice(0, 100)
  return {
    pidFile: target.type === 'pidfile' ? target.path : `${stateDir}/${fileName}.pid`,
    outputFile: `${logDir}/output_${fileName}.log`,
  }
}
