import type { OomTask } from '../../core/crash-event.ts'

/**
 * The lines of the kernel's OOM killer, from 3.x to 6.x (mm/oom_kill.c, mm/memcontrol.c). A task's name may hold
 * anything, parentheses, blanks and commas too, so each pattern finds it between what stands around it.
 */

/** Each line but the rows of the dump has one of these, and the rows follow upon `total_vm`, which is in their head. */
export const oomWords: readonly string[] = [
  'Killed process ',
  'Kill process ',
  'oom-kill:constraint=',
  ' invoked oom-killer: ',
  ' killed as a result of limit of ',
  'memory: usage ',
  ' total_vm ',
]

export interface KilledLine {
  pid: number
  comm: string
  totalVmBytes: number
  anonRssBytes: number
  memcg: boolean
}

// 5.x: `Memory cgroup out of memory: Killed process 4711 (python3) total-vm:1kB, anon-rss:2kB, …`
// 3.x, 4.x: `Killed process 4711 (python3) total-vm:…`; RHEL 6 and 7: `Killed process 4711, UID 26, (x) total-vm:…` and
// `Killed process 4711 (x), UID 26, total-vm:…`
const killed =
  /^(.*?)Killed process (\d+)(?:, UID \d+,)? \((.*)\)(?:, UID \d+)?,? total-vm:(\d+)kB, anon-rss:(\d+)kB, file-rss:\d+kB/

export const parseKilled = (text: string): KilledLine | null => {
  const [whole, before = '', pid, comm = '', totalVm, anonRss] = killed.exec(text) ?? []
  if (whole === undefined || !/^(?:(?:Memory cgroup )?[Oo]ut of memory(?: \(.*\))?: )?$/.test(before))
    return null
  return {
    pid: Number(pid),
    comm,
    totalVmBytes: Number(totalVm) * 1024,
    anonRssBytes: Number(anonRss) * 1024,
    memcg: before.startsWith('Memory cgroup'),
  }
}

export interface ChosenLine {
  pid: number
  comm: string
  memcg: boolean
}

// Before 5.0: what was chosen; a child of it may be killed instead.
const chosen =
  /^(Memory cgroup o|O)ut of memory(?: \(.*\))?: Kill process (\d+) \((.*)\) score \d+ or sacrifice child/

export const parseChosen = (text: string): ChosenLine | null => {
  const [whole, start = '', pid, comm = ''] = chosen.exec(text) ?? []
  return whole === undefined ? null : { pid: Number(pid), comm, memcg: start !== 'O' }
}

export interface ConstraintLine {
  pid: number
  comm: string
  memcg: boolean
  /** Whose limit was hit; null in a global one. */
  oomCgroup: string | null
  taskCgroup: string | null
}

/** 4.19 and later: `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),…,oom_memcg=/a,task_memcg=/a,task=x,pid=1,uid=0`. */
export const parseConstraint = (text: string): ConstraintLine | null => {
  const [whole, kind, middle = '', comm = '', pid] =
    /^oom-kill:constraint=(CONSTRAINT_\w+),(.*?),task=(.*),pid=(\d+),uid=\d+$/.exec(text) ?? []
  if (whole === undefined) return null
  const named = (name: string): string | null =>
    new RegExp(`(?:^|,)${name}=(.*?)(?=,\\w+=|$)`).exec(middle)?.[1] ?? null
  return {
    pid: Number(pid),
    comm,
    memcg: kind === 'CONSTRAINT_MEMCG',
    oomCgroup: named('oom_memcg'),
    taskCgroup: named('task_memcg'),
  }
}

/** `python3 invoked oom-killer: gfp_mask=0x…, order=0, oom_score_adj=0`. */
export const parseInvoked = (text: string): string | null =>
  /^(.*) invoked oom-killer: gfp_mask=/.exec(text)?.[1] ?? null

/** Up to 4.20: `Task in /docker/x killed as a result of limit of /docker/x`; printed in parts, `Task in ` may be a line. */
export const parseLimitOf = (text: string): { taskCgroup: string; oomCgroup: string } | null => {
  const [whole, taskCgroup = '', oomCgroup = ''] =
    /^(?:Task in )?(\/.*) killed as a result of limit of (\/.*)$/.exec(text) ?? []
  return whole === undefined ? null : { taskCgroup, oomCgroup }
}

/** `memory: usage 524288kB, limit 524288kB, failcnt 42` → bytes of the limit; null also where there is none. */
export const parseMemcgLimit = (text: string): number | null => {
  const limit = /^memory: usage \d+kB, limit (\d+)kB,/.exec(text)?.[1]
  const bytes = limit === undefined ? null : Number(limit) * 1024
  // "No limit" is printed as the greatest number of pages.
  return bytes === null || bytes >= 2 ** 53 ? null : bytes
}

export type TaskColumns = readonly string[]

/** The head of the task dump: `[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name`. */
export const parseTaskHead = (text: string): TaskColumns | null => {
  const [whole, names = ''] = /^\[ *pid *\]\s+(uid\s.*\sname)\s*$/.exec(text) ?? []
  return whole === undefined ? null : names.trim().split(/\s+/)
}

/** A row of the dump, by its head; counts of pages, so `pageBytes` of that host is needed. */
export const parseTaskRow = (text: string, columns: TaskColumns, pageBytes: number): OomTask | null => {
  const [whole, pid, rest = ''] = /^\[ *(\d+)\]\s+(.*)$/.exec(text) ?? []
  if (whole === undefined) return null
  const numbers = columns.length - 1
  const [row, figures = '', name = ''] = new RegExp(`^((?:-?\\d+\\s+){${numbers}})(.*)$`).exec(rest) ?? []
  if (row === undefined) return null
  const values = figures.trim().split(/\s+/).map(Number)
  const figure = (column: string): number => values[columns.indexOf(column)] ?? 0
  return {
    pid: Number(pid),
    comm: name,
    rssBytes: figure('rss') * pageBytes,
    swapBytes: figure('swapents') * pageBytes,
    oomScoreAdj: figure('oom_score_adj'),
  }
}
