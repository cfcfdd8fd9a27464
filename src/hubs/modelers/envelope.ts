import { type ZodType, z } from 'zod'
import type { Answer } from '../../net/http.ts'
import { parseAnswer } from '../parse-answer.ts'

/** The `data` of an answer: everything in this API is wrapped in `{code, msg, data}`, and the status tells success. */
export function parseData<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  const whole: ZodType<{ data: Shape }> = z.object({ data: schema })
  return parseAnswer(whole, answer, what).data
}
