import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A page of the agent plugin, taken apart. */
export interface PluginPage {
  readonly path: string
  readonly frontMatter: unknown
  /** Lines of its `sh` blocks, in order. */
  readonly commands: readonly string[]
  /** Its `yaml` blocks. */
  readonly yaml: readonly string[]
  /** Languages of all its blocks. */
  readonly languages: readonly string[]
  /** What stands outside of blocks, without the front matter. */
  readonly prose: string
}

/** Every page that the plugin gives to an agent: commands first, then each skill and what it refers to. */
export function pluginPages(): PluginPage[] {
  return ['commands/*.md', 'skills/*/SKILL.md', 'skills/*/references/*.md'].flatMap((pattern) =>
    globSync(pattern).sort().map(readPage),
  )
}

function readPage(path: string): PluginPage {
  const [, head, body = ''] = /^(?:---\n([\s\S]*?)\n---\n)?([\s\S]*)$/.exec(readFileSync(path, 'utf8')) ?? []
  // A block in a list is indented; its own lines are, too.
  const blocks = [...body.matchAll(/^( *)```(.*)\n([\s\S]*?)^\1```$/gm)].map(
    ([, indent = '', language = '', text = '']) => ({
      language,
      text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  )
  const of = (language: string) => blocks.filter((block) => block.language === language)
  return {
    path,
    frontMatter: head === undefined ? undefined : parse(head),
    commands: of('sh').flatMap(({ text }) => text.split('\n').filter((line) => line.trim() !== '')),
    yaml: of('yaml').map(({ text }) => text),
    languages: blocks.map(({ language }) => language),
    prose: body.replace(/^( *)```[\s\S]*?^\1```$/gm, ''),
  }
}
