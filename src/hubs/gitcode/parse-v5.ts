import { type ZodType, z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { Answer } from '../../net/http.ts'
import { parseAnswer } from '../parse-answer.ts'
import { gitcodeError, hubWords } from './errors.ts'

/** A failure may come with status 200: seen by PyPI gitcode-api 1.3.4. */
const failureSchema = z.object({ error_code: z.number().refine((code) => code !== 0 && code !== 200) })

/** The JSON of a V5 answer in the shape we rely on; throws what the hub's words mean, or `bad-answer`. */
export function parseV5<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  throwIfFailed(answer, what)
  return parseAnswer(schema, answer, what)
}

/** Throws unless the answer says that it worked. An empty body says nothing against it. */
export function throwIfFailed(answer: Answer, what: string): void {
  const failed =
    answer.status >= 300 || (answer.body.length > 0 && failureSchema.safeParse(answer.json()).success)
  if (!failed) return
  throw (
    gitcodeError(answer, what) ??
    new SyncError('refused', `${what}: ${hubWords(answer)}`, { status: answer.status })
  )
}
