import { type ZodType, z } from 'zod'
import { SyncError } from '../../model/errors.ts'
import type { Answer } from '../../net/http.ts'
import { parseAnswer } from '../parse-answer.ts'
import { hubWords, modelScopeError } from './errors.ts'

/** Everything in this API is wrapped so; HTTP 200 with `Success: false` is a failure. */
const envelopeSchema = z.looseObject({ Code: z.number().optional(), Success: z.boolean().optional() })

/**
 * The `Data` of a legacy answer. Success is 2xx *and* `Code` 200 *and* not `Success: false`; anything else throws what the
 * hub's words mean. Source: modelscope_hub errors.py.
 */
export function parseData<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  const whole: ZodType<{ Data: Shape }> = z.object({ Data: schema })
  return parseWhole(whole, answer, what).Data
}

/** The same for answers that have fields beside `Data`. */
export function parseWhole<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  throwIfFailed(answer, what)
  return parseAnswer(schema, answer, what)
}

/** Throws unless the answer says that it worked. */
export function throwIfFailed(answer: Answer, what: string): void {
  if (answer.status >= 300) throw failureOf(answer, what)
  const { Code, Success } = parseAnswer(envelopeSchema, answer, what)
  if (Success === false || (Code ?? 200) !== 200) throw failureOf(answer, what)
}

function failureOf(answer: Answer, what: string): SyncError {
  const { status } = answer
  const code = status === 404 ? 'not-found' : status === 403 ? 'forbidden' : 'refused'
  return modelScopeError(answer, what) ?? new SyncError(code, `${what}: ${hubWords(answer)}`, { status })
}
