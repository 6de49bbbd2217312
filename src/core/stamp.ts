import dayjs from 'dayjs'

/** Local time, as the log lines have it: `2026-01-31 03:00:00`. `atMs` is epoch milliseconds. */
export const localStamp = (atMs: number): string => dayjs(atMs).format('YYYY-MM-DD HH:mm:ss')

/** Local day, as the dated log files have it: `20260131`. */
export const dayStamp = (atMs: number): string => dayjs(atMs).format('YYYYMMDD')

/** Local day and time for file names: `20260131_030000`. */
export const fileStamp = (atMs: number): string => dayjs(atMs).format('YYYYMMDD_HHmmss')

/** ISO 8601 in UTC, for JSON. */
export const isoStamp = (atMs: number): string => dayjs(atMs).toISOString()
