import type { ShardLimits } from '../planning/shard.ts'

/** One process needs no more than one job: its repos share the wire. */
export const oneJob: ShardLimits = { maxJobs: 1, jobSize: Number.MAX_SAFE_INTEGER }
