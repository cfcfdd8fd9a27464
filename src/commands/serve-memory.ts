import { z } from 'zod'
import type { RunDirectory } from './run-directory.ts'
import type { Grid } from './serve-grid.ts'

/** What a service knows again after a restart. Times are milliseconds since 1970. */
export interface ServiceMemory extends Grid {
  /** When the last cycle that was no resumed one started. */
  readonly lastStart: number
  /** The start of the last cycle whose plan was carried out: cron lines that have fired since wait for the next one. */
  readonly doneUntil: number
}

const memoryFile = 'service.json'

const timeSchema = z.iso.datetime().transform((text) => Date.parse(text))
const memorySchema = z.object({
  version: z.literal(1),
  origin: timeSchema,
  every: z.number().int().positive(),
  lastStart: timeSchema,
  doneUntil: timeSchema,
})

/** What the last service in a run directory has noted; undefined if there was none, or it cannot be read: then a service begins afresh. */
export async function readMemory(directory: RunDirectory): Promise<ServiceMemory | undefined> {
  const text = await directory.readFile(memoryFile)
  if (text === undefined) return undefined
  try {
    const { origin, every, lastStart, doneUntil } = memorySchema.parse(JSON.parse(text))
    return { origin, every, lastStart, doneUntil }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}

/** Writes `service.json`, with times as people read them. */
export async function writeMemory(directory: RunDirectory, memory: ServiceMemory): Promise<void> {
  const { origin, every, lastStart, doneUntil } = memory
  const iso = (time: number): string => new Date(time).toISOString()
  const written = { origin: iso(origin), every, lastStart: iso(lastStart), doneUntil: iso(doneUntil) }
  await directory.writeFile(memoryFile, `${JSON.stringify({ version: 1, ...written })}\n`)
}
