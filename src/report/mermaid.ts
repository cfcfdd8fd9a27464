import type { ReportItem } from '../model/report.ts'
import { mermaidLabel } from './escape.ts'
import { flowsOf } from './flows.ts'
import { counted, formatBytes } from './phrases.ts'

/** Flows in one picture: beyond them nobody can read it, and Mermaid draws no text over 50,000 characters. */
const mostFlows = 20
/** Characters of a hub's name. */
const longestName = 60

/**
 * A Mermaid flow chart of what went, or would go, from hub to hub, in its fence; undefined where nothing did. Labels go through a table
 * of ids, since names may be any text. A source that is a target too stands on both sides.
 */
export function mermaidPicture(items: readonly ReportItem[], isForecast: boolean): string | undefined {
  const flows = flowsOf(items)
  if (flows.length === 0) return undefined
  const shown = flows.slice(0, mostFlows)
  const sources = idTable(
    's',
    shown.map((flow) => flow.from),
  )
  const targets = idTable(
    't',
    shown.map((flow) => flow.to),
  )
  const nodes = [...sources, ...targets].map(
    ([hub, id]) => `  ${id}(["${mermaidLabel(hub.slice(0, longestName))}"])`,
  )
  const edges = shown.map((flow) => {
    const words = [
      counted(flow.repos, 'repo'),
      `${formatBytes(flow.moved)}${isForecast ? ' to move' : ''}`,
      ...(flow.failed > 0 ? [`${flow.failed} not done`] : []),
    ]
    return `  ${sources.get(flow.from)} -->|"${mermaidLabel(words.join(', '))}"| ${targets.get(flow.to)}`
  })
  // Colours that can be told apart, and read, on a light page and on a dark one.
  const styles = shown.flatMap((flow, index) =>
    flow.failed > 0 ? [`  linkStyle ${index} stroke:#d1242f,stroke-width:3px`] : [],
  )
  const more =
    flows.length > shown.length ? [`  more(["and ${flows.length - shown.length} more flows"])`] : []
  return ['```mermaid', 'flowchart LR', ...nodes, ...edges, ...more, ...styles, '```'].join('\n')
}

function idTable(letter: string, hubs: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...new Set(hubs)].map((hub, index) => [hub, `${letter}${index}`]))
}
