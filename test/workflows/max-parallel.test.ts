import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const workflowSchema = z.object({
  jobs: z.object({
    sync: z.object({
      strategy: z.object({ 'max-parallel': z.string() }),
      steps: z.array(
        z.object({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() }),
      ),
    }),
    publish: z.object({ steps: z.array(z.object({ with: z.record(z.string(), z.unknown()).optional() })) }),
  }),
})

it('the jobs of sync.yml divide the bandwidth by as many as its matrix runs at a time, and the publish round does not', async () => {
  const { jobs } = workflowSchema.parse(parse(await readFile('.github/workflows/sync.yml', 'utf8')))
  const [step] = jobs.sync.steps.filter(({ uses }) => uses === '$/sync')
  expect(step?.with?.['max-parallel']).toBe(jobs.sync.strategy['max-parallel'])
  for (const one of jobs.publish.steps) expect(one.with ?? {}).not.toHaveProperty('max-parallel')
})
