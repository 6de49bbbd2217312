import { type CrashSource, lackOf, outcome, readerFor } from './source.ts'

const maxMs = 2200

/**
 * What systemd, systemd-oomd, systemd-coredump, earlyoom and nohang said, by the journal's indexes: SD_MESSAGE_UNIT_FAILED
 * (two of them), _UNIT_FAILURE_RESULT, _UNIT_OUT_OF_MEMORY and _COREDUMP of sd-messages.h, and the units of the others.
 */
const wanted = [
  'MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d',
  'MESSAGE_ID=d9b373ed55a64feb8242e02dbe79a49c',
  'MESSAGE_ID=fe6faa94e7774663a0da52717891d8ef',
  'MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1',
  ...['systemd-oomd', 'earlyoom', 'nohang', 'nohang-desktop'].flatMap((unit) => [
    '+',
    `_SYSTEMD_UNIT=${unit}.service`,
  ]),
]

export const journalSource: CrashSource = async (gathering) => {
  const { host, sinceMs } = gathering
  const reader = readerFor(gathering, 'journal')
  const read = await host.logs.program(
    [
      'journalctl',
      '--quiet',
      '--no-pager',
      '--output=json',
      `--since=@${Math.floor(sinceMs / 1000)}`,
      ...wanted,
    ],
    reader.take,
    { maxMs, filter: reader.filter },
  )
  reader.end()
  if (read.kind !== 'value') {
    outcome(gathering, 'journal of the system', 0, true, lackOf(read))
    return
  }
  const { complete, lines, exitCode, words } = read.value
  const isRefused = lines === 0 && exitCode !== 0 && /permission|not seeing/i.test(words ?? '')
  outcome(
    gathering,
    'journal of the system',
    lines,
    complete,
    isRefused ? { missing: 'the journal may not be read by this user', mend: 'run as root' } : null,
  )
}
