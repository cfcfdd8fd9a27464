/**
 * Text from outside, safe for one line of a log or table: control, bidirectional and invisible characters become visible
 * (`ESC` → `\x1b`), so that no text can move the cursor, hide itself or start a workflow command on a line of its own.
 */
export function printable(text: string): string {
  let safe = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    safe += hidden.some(([first, last]) => code >= first && code <= last) ? escaped(code) : character
  }
  return safe
}

/** C0 and C1 controls, zero-width and bidirectional marks, separators, lone surrogates, tags. */
const hidden: readonly (readonly [number, number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xe0000, 0xe007f],
]

function escaped(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}
