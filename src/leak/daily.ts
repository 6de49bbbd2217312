import type { Track } from './track.ts'

export const daylessTrack = (track: Track): Track => track
