import { textOf } from './expressions.ts'
import type { WorkflowFile, WorkflowInput } from './workflow-file.ts'

/** The context `inputs` of a dispatch, where every value arrives as text. Throws for what GitHub's API refuses with 422. */
export function dispatchInputs(
  file: WorkflowFile,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const declared = file.on.workflow_dispatch?.inputs
  if (declared === undefined) throw new Error('Workflow does not have workflow_dispatch trigger')
  return inputsOf('the dispatch', declared, given)
}

/** The contexts `inputs` and `secrets` of a called workflow. Throws for what makes a caller's file invalid. */
export function callInputs(
  caller: string,
  file: WorkflowFile,
  given: unknown,
  secrets: Readonly<Record<string, unknown>>,
  inherits: boolean,
): { inputs: Record<string, unknown>; secrets: Record<string, unknown> } {
  const declared = file.on.workflow_call
  if (declared === undefined) throw new Error(`${caller} calls a workflow without workflow_call`)
  for (const name of Object.keys(secrets))
    if (!inherits && !(name in declared.secrets)) throw new Error(`${caller}: no secret is called ${name}`)
  for (const [name, secret] of Object.entries(declared.secrets))
    if (secret.required && !(name in secrets)) throw new Error(`${caller}: the secret ${name} is required`)
  return { inputs: inputsOf(caller, declared.inputs, Object(given)), secrets: { ...secrets } }
}

function inputsOf(
  caller: string,
  declared: Readonly<Record<string, WorkflowInput>>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const name of Object.keys(given))
    if (!(name in declared)) throw new Error(`${caller}: no input is called ${name}`)
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => {
      const value = given[name] ?? input.default
      if (value === undefined && input.required) throw new Error(`${caller}: the input ${name} is required`)
      return [name, typed(caller, name, input, value)]
    }),
  )
}

function typed(caller: string, name: string, input: WorkflowInput, value: unknown): unknown {
  const text = textOf(value)
  if (input.type === 'boolean') {
    if (!['', 'true', 'false'].includes(text)) throw new Error(`${caller}: ${name} is no boolean: ${text}`)
    return text === 'true'
  }
  if (input.type === 'number') {
    if (Number.isNaN(Number(text))) throw new Error(`${caller}: ${name} is no number: ${text}`)
    return Number(text)
  }
  if (input.type === 'choice' && !input.options?.includes(text))
    throw new Error(`${caller}: ${name} is none of its options: ${text}`)
  return text
}
