import type { ZodType } from 'zod'
import { SyncError } from '../model/errors.ts'
import { printable } from '../model/printable.ts'
import type { Answer } from '../net/http.ts'

/** The JSON of an answer in the shape we rely on; throws `bad-answer` with the first place that differs. `what` names the question. */
export function parseAnswer<Shape>(schema: ZodType<Shape>, answer: Answer, what: string): Shape {
  return parseData(schema, answer.json(), what, answer.status)
}

/** The same of data that was read already, as Octokit does: its types are promises of the documentation. */
export function parseData<Shape>(
  schema: ZodType<Shape>,
  data: unknown,
  what: string,
  status?: number,
): Shape {
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const place = issue?.path.map(String).join('.') || 'the whole answer'
  throw new SyncError(
    'bad-answer',
    `${what}: the answer does not have the documented shape: ${printable(place)}: ${printable(issue?.message ?? '')}.`,
    {
      ...(status === undefined ? {} : { status }),
      next: 'Check that the endpoint is the right one; if it is, the hub has changed.',
    },
  )
}
