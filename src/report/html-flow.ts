import type { Report } from '../model/report.ts'
import { htmlText } from './escape.ts'
import { type Flow, flowsOf } from './flows.ts'
import { counted, formatBytes } from './phrases.ts'
import { truncate } from './text-width.ts'

/** Flows in the picture; the list below it has them all, up to a hundred. */
const mostBands = 20
const mostLines = 100

/** Heights in pixels: of the two lines over a node, and of all bands together, where there are many. */
const labelHeight = 40
const bandsHeight = 110
const thinnest = 5
const gap = 14

/** From hub to hub, as bands as thick as what they carry; and the same as text. */
export function flowSection(report: Report): string {
  const flows = flowsOf(report.items)
  if (flows.length === 0) return ''
  const lines = flows.slice(0, mostLines).map((flow) => `<li>${line(flow, report.dryRun)}</li>`)
  const more =
    flows.length > mostLines ? `<li>… and ${flows.length - mostLines} more, in the table below</li>` : ''
  return `<section aria-labelledby="flow"><h2 id="flow">From hub to hub</h2>
${picture(flows.slice(0, mostBands))}
<ul class="flows">${lines.join('')}${more}</ul></section>`
}

function line({ from, to, repos, moved, reused, failed }: Flow, isForecast: boolean): string {
  const words = [
    counted(repos, 'repo'),
    `${formatBytes(moved)} ${isForecast ? 'to move' : 'moved'}`,
    ...(reused > 0 ? [`${formatBytes(reused)} ${isForecast ? 'to reuse' : 'reused'}`] : []),
  ]
  const bad = failed > 0 ? ` · <strong class="failed">${failed} not done</strong>` : ''
  return `<bdi>${htmlText(from)}</bdi> → <bdi>${htmlText(to)}</bdi>: ${words.join(' · ')}${bad}`
}

interface Band {
  readonly flow: Flow
  readonly height: number
}

/** A hub on one side of the picture. */
interface Node {
  readonly hub: string
  readonly y: number
  readonly height: number
  readonly bands: readonly Band[]
}

function picture(flows: readonly Flow[]): string {
  const total = flows.reduce((sum, flow) => sum + flow.moved + flow.reused, 0)
  const bands = flows.map((flow): Band => {
    const part = total === 0 ? 1 / flows.length : (flow.moved + flow.reused) / total
    return { flow, height: Math.max(thinnest, part * Math.min(bandsHeight, 15 + 35 * flows.length)) }
  })
  const left = column(Map.groupBy(bands, (band) => band.flow.from))
  const right = column(Map.groupBy(bands, (band) => band.flow.to))
  const height = Math.max(bottom(left), bottom(right)) + 2
  const paths = bands.map((band) => bandPath(band, startOf(left, band), startOf(right, band)))
  return `<svg class="flow" width="100%" height="${height}" role="img" aria-label="Flow of bytes from hub to hub, as listed below">
<svg width="100%" height="${height}" viewBox="0 0 100 ${height}" preserveAspectRatio="none">${paths.join('')}</svg>
${left.map((node) => nodeShape(node, 'left')).join('')}${right.map((node) => nodeShape(node, 'right')).join('')}</svg>`
}

function column(groups: ReadonlyMap<string, readonly Band[]>): readonly Node[] {
  let y = labelHeight
  return [...groups].map(([hub, bands]) => {
    const height = bands.reduce((sum, band) => sum + band.height, 0)
    const node = { hub, y, height, bands }
    y += height + gap + labelHeight
    return node
  })
}

function bottom(nodes: readonly Node[]): number {
  const last = nodes.at(-1)
  return last === undefined ? 0 : last.y + last.height
}

/** Where a band begins at its node: below those that come before it there. */
function startOf(nodes: readonly Node[], band: Band): number {
  const node = nodes.find(({ bands }) => bands.includes(band))
  if (node === undefined) return 0
  const above = node.bands.slice(0, node.bands.indexOf(band))
  return above.reduce((sum, { height }) => sum + height, node.y)
}

function bandPath({ flow, height }: Band, from: number, to: number): string {
  const all = flow.moved + flow.reused
  const moved = all === 0 ? height : (height * flow.moved) / all
  const name = flow.failed === flow.repos ? 'band bad' : 'band'
  return ribbon(name, from, to, moved) + ribbon('band reused', from + moved, to + moved, height - moved)
}

function ribbon(name: string, from: number, to: number, height: number): string {
  if (height <= 0) return ''
  const [a, b, c, d] = [from, to, to + height, from + height].map((y) => Number(y.toFixed(1)))
  return `<path class="${name}" d="M0 ${a}C50 ${a} 50 ${b} 100 ${b}V${c}C50 ${c} 50 ${d} 0 ${d}Z"/>`
}

function nodeShape({ hub, y, height, bands }: Node, side: 'left' | 'right'): string {
  const repos = bands.reduce((sum, { flow }) => sum + flow.repos, 0)
  const bytes = bands.reduce((sum, { flow }) => sum + flow.moved + flow.reused, 0)
  const at = side === 'left' ? 'x="0"' : 'x="100%" text-anchor="end"'
  const rect = side === 'left' ? 'x="0" width="6"' : 'x="100%" width="6" transform="translate(-6 0)"'
  return `<rect class="node" ${rect} y="${y.toFixed(1)}" height="${height.toFixed(1)}" rx="2"/><text ${at} y="${(y - 23).toFixed(1)}" class="hub">${htmlText(truncate(hub, 20))}</text><text ${at} y="${(y - 7).toFixed(1)}" class="muted">${counted(repos, 'repo')} · ${formatBytes(bytes)}</text>`
}
