// Sweeps a folder alone, and takes the rights of those below it while it does. argv: the folder.
import { chmodSync } from 'node:fs'
import type { SweptPart } from '../../../src/core/sweep.ts'
import type { HostBase } from '../../../src/host/base.ts'
import { sweepChange } from '../../../src/host/sweep-change.ts'
import { judgeOf } from '../../../src/plan/cleanup.ts'
import { sweepOrder } from '../../support/sweep-order.ts'

const [root = ''] = process.argv.slice(2)
const order = sweepOrder(root)
const parts: SweptPart[] = []
const take = (part: SweptPart): void => {
  if (parts.length === 0)
    for (const { path } of part.below) chmodSync(path, path.endsWith('closed') ? 0 : 0o555)
  parts.push(part)
}
const change = sweepChange(
  {
    ...{ kind: 'sweep', order, judge: judgeOf(order.wish), namesWanted: () => 5, reason: '', take },
    isOver: async () => false,
  },
  { base: {} as HostBase, log: () => {}, helper: null },
)
void change.perform().then(() => process.stdout.write(JSON.stringify(parts.flatMap(({ left }) => left))))
