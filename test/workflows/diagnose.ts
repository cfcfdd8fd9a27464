import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'

// The service imports JSON without saying so, as bundlers take it and Node does not.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
})
const { LogLevel, registerLogger, setLogLevel, validate } = await import('@actions/languageservice')
const { TextDocument } = await import('vscode-languageserver-textdocument')

/**
 * What GitHub's own language service says against a workflow file or an action.yml: `path` is where it lies below the root of
 * `repositories[0]`, the others are what it may call by `owner/name`. Empty: nothing.
 */
export async function diagnose(
  path: string,
  text: string,
  folders: Readonly<Record<string, string>>,
): Promise<string[]> {
  const unhandled: string[] = []
  const note = (message: string) => void unhandled.push(message)
  registerLogger({ error: note, warn: note, info: () => undefined, log: () => undefined })
  setLogLevel(LogLevel.Warn)
  // The service remembers what it parsed by the address.
  const document = TextDocument.create(`file:///${randomUUID()}/${path}`, 'yaml', 1, text)
  const diagnostics = await validate(document, {
    fileProvider: {
      getFileContent: async (reference) => {
        const name = 'owner' in reference ? `${reference.owner}/${reference.repository}` : ''
        const folder = folders[name]
        if (folder === undefined) throw new Error(`the test has no repository ${name}`)
        return { name: reference.path, content: readFileSync(join(folder, reference.path), 'utf8') }
      },
    },
  })
  const told = diagnostics.map(({ message, range }) => `${path}:${range.start.line + 1}: ${message}`)
  return [...told, ...unhandled.map((message) => `${path}: ${message}`)]
}
