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

/**
 * Why a README is refused: what a search finds behind `license:` between `---` and `---` must be known. It knows nothing of YAML: it
 * finds the word anywhere between any two such marks, quotes and comments count as part of a license, and a list of lines must be
 * indented. A README without the marks passes. (gitea fork modules/merlin configHooks, the newest of its versions)
 */
export function refusalOfReadme(text: string): string | undefined {
  const content = [...text.matchAll(/---\s*([\s\S]*?)\s*---/g)].map(([found]) => found).join('')
  if (content === '') return undefined
  const given = licensesIn(content)
  if (given.length > 0 && given.every((license) => licenses.includes(license))) return undefined
  const reason = ` - Error: license must be one of (${licenses.join(' ')})`
  return `Sorry, your push was rejected during YAML metadata verification:\n${reason}`
}

/** A word, an inline list or a list of lines. */
function licensesIn(content: string): string[] {
  const word = [...content.matchAll(/license:\s*(\S+)/g)].map(([, found]) => found).join('')
  if (word === '-') {
    const lines = /license:\s*?((?:\s+-.+\n)+)/.exec(content)?.[1] ?? ''
    return words(lines.split('\n').map((line) => line.split(' - ')[1] ?? ''))
  }
  if (!word.startsWith('[')) return [word]
  const inline = /license:\s*(\[.*?\])/.exec(content)?.[1] ?? ''
  return words([inline.replace(/[[\],]/g, '')])
}

function words(lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(/[ \t\n]+/)).filter(Boolean)
}
