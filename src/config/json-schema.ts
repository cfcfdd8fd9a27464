import { z } from 'zod'
import { configSchema } from './schema.ts'

/** The JSON schema of the configuration file (draft 2020-12), for editors: completion, descriptions, unknown keys. */
export function jsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' })
  return {
    $schema,
    title: 'model-hub-sync configuration',
    description: 'What goes from which model hub to which, and how.',
    ...rest,
  }
}
