import { z } from 'zod'
import type { Context, ProgressEvent } from '../context.ts'
import { lockHolder } from './directory-lock.ts'
import type { RunDirectory } from './run-directory.ts'

/** `state.json`: which run is under way in a run directory, and what it works on. */
export interface RunState {
  readonly version: 1
  /** Id of the run whose plan is worked on. */
  readonly run: string
  /** ISO 8601, as `finishedAt`; that one is absent while it goes on, and after the death of the process. */
  readonly startedAt: string
  readonly finishedAt?: string
  /** Ids of the items that are worked on now. */
  readonly items: readonly string[]
}

const stateFile = 'state.json'

const stateSchema = z.object({
  version: z.literal(1),
  run: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().optional(),
  items: z.array(z.string()),
})

export interface StateKeeper {
  /** As the one given, with a progress that is noted in `state.json` too. */
  readonly context: Context
  /** Notes that the run is over; everything is written when it answers. */
  end(): Promise<void>
}

/** Keeps `state.json` up to date while a run goes on. What cannot be written is warned of, once. */
export function keepState(context: Context, directory: RunDirectory): StateKeeper {
  const items = new Set<string>()
  let run: Pick<RunState, 'run' | 'startedAt'> | undefined
  let warned = false
  let writing: Promise<void> | undefined
  let isStale = false
  const isoNow = (): string => new Date(context.clock.now()).toISOString()
  const write = async (end: Pick<RunState, 'finishedAt'>): Promise<void> => {
    if (run === undefined) return
    const state: RunState = { version: 1, ...run, ...end, items: [...items] }
    try {
      await directory.writeFile(stateFile, `${JSON.stringify(state)}\n`)
    } catch (thrown) {
      if (!warned) context.log.warn(`${stateFile} cannot be written: ${String(thrown)}`)
      warned = true
    }
  }
  /** One write at a time: what happens meanwhile goes into the next. */
  const writeSoon = (): void => {
    isStale = true
    writing ??= (async () => {
      while (isStale) {
        isStale = false
        await write({})
      }
      writing = undefined
    })()
  }
  const note = (event: ProgressEvent): void => {
    if (event.kind === 'planned') run = { run: event.plan.runId, startedAt: isoNow() }
    else if (event.kind === 'item-started') items.add(event.item)
    else if (event.kind === 'item-finished') items.delete(event.item)
    else return
    writeSoon()
  }
  return {
    context: {
      ...context,
      progress: (event) => {
        note(event)
        context.progress(event)
      },
    },
    end: async () => {
      await writing
      items.clear()
      await write({ finishedAt: isoNow() })
    },
  }
}

/** The run that goes on in a run directory now, if it is this one; undefined where it is over, or its process is dead. */
export async function liveRun(directory: RunDirectory, runId: string): Promise<RunState | undefined> {
  const state = await readState(directory)
  if (state?.run !== runId || state.finishedAt !== undefined) return undefined
  return (await lockHolder(directory.path)) === undefined ? undefined : state
}

async function readState(directory: RunDirectory): Promise<RunState | undefined> {
  const text = await directory.readFile(stateFile)
  if (text === undefined) return undefined
  try {
    const { finishedAt, ...state } = stateSchema.parse(JSON.parse(text))
    return { ...state, ...(finishedAt !== undefined && { finishedAt }) }
  } catch (error) {
    // A damaged one tells of no run: the report of what is there stays right.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined
    throw error
  }
}
