import type { ZodType } from 'zod'
import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import type { Answer } from '../net/http.ts'

/** The JSON of an answer in the shape we rely on; throws `bad-answer` with the first place that differs. `what` names the question. */
export function parseAnswer<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  const parsed = schema.safeParse(answer.json())
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue === undefined ? 'it' : issue.path.map(String).join('.') || 'the whole answer'
  throw new SyncError(
    'bad-answer',
    `${what}: the answer does not have the documented shape: ${printable(place)}: ${printable(issue?.message ?? '')}.`,
    {
      status: answer.status,
      next: 'Check that the endpoint is the right one; if it is, the hub has changed.',
    },
  )
}
