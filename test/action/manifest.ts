import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'

const manifestSchema = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string().min(10), default: z.string().optional() })),
  outputs: z.record(z.string(), z.object({ description: z.string().min(5) })),
  runs: z.object({ using: z.literal('node24'), main: z.string() }),
})

export interface Manifest {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Values of inputs that a workflow does not give. */
  readonly defaults: Readonly<Record<string, string>>
  /** What runs, from the root of the project. */
  readonly main: string
}

/** An action.yml as a runner reads it. */
export function readManifest(file: string): Manifest {
  const { inputs, outputs, runs } = manifestSchema.parse(parse(readFileSync(file, 'utf8')))
  return {
    inputs: Object.keys(inputs).sort(),
    outputs: Object.keys(outputs).sort(),
    defaults: Object.fromEntries(
      // What GitHub puts in for an expression is nothing here.
      Object.entries(inputs).map(([name, { default: text = '' }]) => [
        name,
        text.includes('${{') ? '' : text,
      ]),
    ),
    main: join(dirname(file), runs.main),
  }
}
