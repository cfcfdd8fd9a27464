import { parseDocument } from 'yaml'
import { isRecord } from '../core/server.ts'

/** License ids the hub knows. (hub-docs, repositories-licenses.md) */
const licenses = new Set(
  `apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m
  afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5
  cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
  cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0
  cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0
  lgpl lgpl-2.1 lgpl-3.0 isc h-research intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl
  openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license
  fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma
  unknown other`.split(/\s+/),
)

/** What the hub has against the front matter of a README; empty if nothing. */
export function cardErrors(readme: string): string[] {
  const front = frontMatter(readme)
  if (front === undefined) return []
  const document = parseDocument(front)
  const [broken] = document.errors
  if (broken) return [`YAML error: ${broken.message.split('\n')[0]}`]
  const card: unknown = document.toJS()
  if (card === null || card === undefined) return []
  if (!isRecord(card)) return ['metadata must be an object']
  return fieldErrors(card)
}

function fieldErrors(card: Record<string, unknown>): string[] {
  const errors: string[] = []
  for (const license of Array.isArray(card.license) ? card.license : [card.license]) {
    if (license === undefined || (typeof license === 'string' && licenses.has(license))) continue
    errors.push(`"license" must be one of [${[...licenses].join(', ')}]`)
  }
  if (card.base_model !== undefined && !isStrings(card.base_model))
    errors.push('"base_model" must be a string')
  if (card.tags !== undefined && !isStrings(card.tags)) errors.push('"tags" must be an array of strings')
  if (card.widget !== undefined && !Array.isArray(card.widget)) errors.push('"widget" must be an array')
  if (card.language !== undefined && !isStrings(card.language)) errors.push('"language" must be a string')
  return errors
}

function isStrings(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
  )
}

/** Metadata of a README, or an empty object. */
export function cardData(readme: string): Record<string, unknown> {
  const front = frontMatter(readme)
  if (front === undefined || cardErrors(readme).length > 0) return {}
  const card: unknown = parseDocument(front).toJS()
  return isRecord(card) ? card : {}
}

function frontMatter(readme: string): string | undefined {
  return /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)(?:\r?\n)?---[ \t]*(?:\r?\n|$)/.exec(readme)?.[1]
}
