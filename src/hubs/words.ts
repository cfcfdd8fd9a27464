/** The words of a text, for tables that are lists of names. */
export function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
