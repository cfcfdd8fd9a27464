/** A table of Markdown; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** A value as it would stand in a file: a glob is text only in quotes. */
export function code(value: unknown): string {
  const isPlain = typeof value === 'string' && !/^[*&!]/.test(value)
  const text = isPlain ? value : JSON.stringify(value).replace(/,"/g, ', "')
  return inCode(text)
}

/** Text as code inside a table. */
export function inCode(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``
}

/** Text of a description inside a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')
}
