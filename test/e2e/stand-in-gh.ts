// Plays `gh` in a clone of a repository: takes the calls that our documents make, and holds each to the workflow files that
// are there. Anything else fails.
import { globSync, readFileSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { parseArgs } from 'node:util'
import { dispatchInputs } from '../workflows/call.ts'
import { readWorkflow } from '../workflows/workflow-file.ts'

/** The only run that there is, and the artifacts that it left. */
const runId = '4711'
const artifacts = ['model-hub-sync-plan-1', 'model-hub-sync-report-1']

const options = {
  field: { type: 'string', short: 'f', multiple: true },
  workflow: { type: 'string' },
  limit: { type: 'string' },
  pattern: { type: 'string' },
  failed: { type: 'boolean' },
  'exit-status': { type: 'boolean' },
} as const

/** What it prints; throws for what gh, or GitHub, would refuse. */
function answer(args: readonly string[]): string {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
  const [noun, verb, subject] = positionals
  const call = `${noun} ${verb}`
  if (call === 'workflow run') return dispatch(subject, values.field ?? [])
  if (call === 'run list') return `completed success ${workflowFile(values.workflow)} ${runId}\n`
  if (call === 'secret list') return 'HF_TOKEN\nMODELSCOPE_TOKEN\n'
  if (call === 'secret set') return setSecret(subject)
  if (noun !== 'run' || subject !== runId) throw new Error(`unknown: gh ${args.join(' ')}`)
  if (verb === 'watch' && values['exit-status']) return 'completed with success\n'
  if (verb === 'view') return 'success\n'
  if (verb === 'rerun' && values.failed) return ''
  if (verb === 'download') return download(values.pattern)
  throw new Error(`unknown: gh ${args.join(' ')}`)
}

function dispatch(file: string | undefined, fields: readonly string[]): string {
  const inputs = fields.map((field) => [
    field.slice(0, field.indexOf('=')),
    field.slice(field.indexOf('=') + 1),
  ])
  dispatchInputs(readWorkflow(workflowFile(file)), Object.fromEntries(inputs))
  return ''
}

function workflowFile(name: string | undefined): string {
  const path = `.github/workflows/${name}`
  if (!globSync('.github/workflows/*.yml').includes(path)) throw new Error(`no workflow ${name}`)
  return path
}

/** A secret that no workflow reads would be set in vain. */
function setSecret(name: string | undefined): string {
  const files = globSync('.github/workflows/*.yml').map((path) => readFileSync(path, 'utf8'))
  if (name === undefined || !files.some((text) => text.includes(`secrets.${name} `)))
    throw new Error(`no workflow reads the secret ${name}`)
  return ''
}

function download(pattern = '*'): string {
  const found = artifacts.filter((name) => matchesGlob(name, pattern))
  if (found.length === 0) throw new Error(`no artifact matches ${pattern}`)
  return `${found.join('\n')}\n`
}

process.stdout.write(answer(process.argv.slice(2)))
