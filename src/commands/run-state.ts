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
  const isoNow = (): string => new Date(context.clock.now()).toISOString()
  const writeState = stateWriter(context, directory)
  const write = async (end: Pick<RunState, 'finishedAt'>): Promise<void> => {
    if (run !== undefined) await writeState({ version: 1, ...run, ...end, items: [...items] })
  }
  const writing = oneAtATime(() => write({}))
  const note = (event: ProgressEvent): void => {
    if (event.kind === 'planned') run = { run: event.plan.runId, startedAt: isoNow() }
    else if (event.kind === 'item-started') items.add(event.item)
    else if (event.kind === 'item-finished') items.delete(event.item)
    else return
    writing.begin()
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
      await writing.end()
      items.clear()
      await write({ finishedAt: isoNow() })
    },
  }
}

function stateWriter({ log }: Context, directory: RunDirectory): (state: RunState) => Promise<void> {
  let warned = false
  return async (state) => {
    try {
      await directory.writeFile(stateFile, `${JSON.stringify(state)}\n`)
    } catch (thrown) {
      if (!warned) log.warn(`${stateFile} cannot be written: ${String(thrown)}`)
      warned = true
    }
  }
}

/** What is asked for while it is being done is done once more after it, however often it was asked for. */
function oneAtATime(act: () => Promise<void>): { begin(): void; end(): Promise<void> } {
  let acting: Promise<void> | undefined
  let isAskedAgain = false
  const actUntilDone = async (): Promise<void> => {
    while (isAskedAgain) {
      isAskedAgain = false
      await act()
    }
    acting = undefined
  }
  return {
    begin: () => {
      isAskedAgain = true
      acting ??= actUntilDone()
    },
    end: async () => acting,
  }
}

/** The run that goes on in a run directory now, if it is this one; undefined where it is over, or its process is dead. */
export async function liveRun(
  context: Pick<Context, 'clock'>,
  directory: RunDirectory,
  runId: string,
): Promise<RunState | undefined> {
  const state = await readState(directory)
  if (state?.run !== runId || state.finishedAt !== undefined) return undefined
  return (await lockHolder(context, directory.path)) === undefined ? undefined : state
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
