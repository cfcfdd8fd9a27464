const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', 1e3],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
  ['TiB', 2 ** 40],
])

const bitUnits: ReadonlyMap<string, number> = new Map([
  ['kbit', 1e3],
  ['Mbit', 1e6],
  ['Gbit', 1e9],
])

const durationUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** Bytes of a size such as `20GB` (decimal) or `512MiB`; undefined if it is none, or below one byte. */
export function parseSize(text: string): number | undefined {
  return scaled(text, sizeUnits)
}

/** Bytes a second of a bandwidth such as `10MB/s` or `80Mbit/s`; `off` is `off`; undefined if it is neither. */
export function parseBandwidth(text: string): number | 'off' | undefined {
  if (text === 'off') return 'off'
  if (!text.endsWith('/s')) return undefined
  const amount = text.slice(0, -2)
  const bits = scaled(amount, bitUnits)
  return bits === undefined ? scaled(amount, sizeUnits) : Math.max(1, Math.floor(bits / 8))
}

/** Requests a second of a ceiling such as `5/s`, `300/m` or `1000/h`; undefined if it is none. */
export function parseRequestRate(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})\/([smh])$/.exec(text) ?? []
  if (count === undefined || Number(count) === 0) return undefined
  return Number(count) / (unit === 'h' ? 3600 : unit === 'm' ? 60 : 1)
}

/** Milliseconds of a duration such as `60s`, `5m` or `5h30m`; undefined if it is none, or zero. */
export function parseDuration(text: string): number | undefined {
  const parts = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/.exec(text)
  if (parts === null) return undefined
  const total = durationUnits.reduce((sum, [, unit], index) => sum + Number(parts[index + 1] ?? 0) * unit, 0)
  return total === 0 ? undefined : total
}

/** The shortest text that `parseBandwidth` reads as exactly this many bytes a second; undefined is `off`. */
export function formatBandwidth(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined) return 'off'
  for (const unit of ['GB', 'MB', 'kB']) {
    const size = sizeUnits.get(unit) ?? 1
    if (bytesPerSecond % size === 0) return `${bytesPerSecond / size}${unit}/s`
  }
  return `${bytesPerSecond}B/s`
}

function scaled(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,6})?) ?([A-Za-z]+)$/.exec(text) ?? []
  const factor = unit === undefined ? undefined : units.get(unit)
  if (amount === undefined || factor === undefined) return undefined
  const value = Math.floor(Number(amount) * factor)
  return value >= 1 && Number.isSafeInteger(value) ? value : undefined
}
