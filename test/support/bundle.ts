import { join } from 'node:path'
import { buildSync } from 'esbuild'

/** Builds a TypeScript file so that a process of its own can run it; returns the path of the result in `folder`. */
export const bundle = (source: string, folder: string): string => {
  const outfile = join(folder, `${source.replaceAll('/', '-')}.cjs`)
  buildSync({
    entryPoints: [join(import.meta.dirname, '..', source)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['koffi'],
    define: { __BUILD__: '"test"', __VERSION__: '"0.0.0"' },
    // As in the program itself (scripts/build.mjs): import() becomes require().
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  })
  return outfile
}
