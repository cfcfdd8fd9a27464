/** License keywords the hub knows. (hubs/modelers.md A9, as of mid-2024) */
export const licenses: readonly string[] =
  `apache-2.0 mit cc-by-sa-3.0 afl-3.0 cc-by-sa-4.0 lgpl-3.0 lgpl-lr cc-by-nc-3.0 bsd-2-clause ecl-2.0 cc-by-nc-sa-4.0
cc-by-nc-4.0 gpl-3.0 cc0-1.0 cc bsd-3-clause agpl-3.0 wtfpl artistic-2.0 postgresql gpl-2.0 isc eupl-1.1 pddl
bsd-3-clause-clear mpl-2.0 odbl-1.0 cc-by-4.0 other`.split(/\s+/)

/** Rules for what comes into a repo, by git as well as by the API. */
export interface PushRules {
  readonly maxBlobSize: number
  readonly sensitiveWords: readonly string[]
}

export const sensitive = 'Sensitive data found in submission, Please remove it and try again.'

const maxMessage = 1500

/** Why a plain blob of this size is refused; undefined if it is not. */
export function refusalOfSize(rules: PushRules, size: number): string | undefined {
  if (size <= rules.maxBlobSize) return undefined
  return `The size of each file should be within ${Math.floor(rules.maxBlobSize / 2 ** 20)}MB.`
}

/** Why a commit message is refused. The text for long ones has not been seen. */
export function refusalOfMessage(rules: PushRules, message: string): string | undefined {
  if ([...message].length > maxMessage)
    return `The length of commit message should be within ${maxMessage} characters.`
  return isSensitive(rules, message) ? sensitive : undefined
}

export function isSensitive({ sensitiveWords }: PushRules, text: string): boolean {
  return sensitiveWords.some((word) => text.includes(word))
}

/** Why a README is refused: the `license` of its front matter must be known. One without front matter passes. */
export function refusalOfReadme(text: string): string | undefined {
  const yaml = /^---\r?\n(.*?)^---[ \t]*(?:\r?\n|$)/ms.exec(text)?.[1]
  if (yaml === undefined) return undefined
  const given = licensesIn(yaml)
  if (given.length > 0 && given.every((license) => licenses.includes(license))) return undefined
  const reason = `Error: "license" must be one of (${licenses.join(', ')})`
  return `Sorry, your push was rejected during YAML metadata verification:\n${reason}`
}

/** A scalar, an inline list or a list of lines. */
function licensesIn(yaml: string): string[] {
  const [, rest = '', lines = ''] = /^license:[ \t]*([^\r\n]*)((?:\r?\n[ \t]*-[^\r\n]*)*)/m.exec(yaml) ?? []
  const inline = /^\[(.*)\]/.exec(rest)?.[1]
  const items =
    inline !== undefined
      ? inline.split(',')
      : rest
        ? [rest]
        : lines.split('\n').map((line) => line.replace(/^[ \t]*-/, ''))
  return items.map((item) => item.trim().replace(/^(["'])(.*)\1$/, '$2')).filter(Boolean)
}
