import { decodeHTML } from 'entities'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printable } from '../../../src/model/printable.ts'
import {
  htmlText,
  jsonText,
  logLine,
  markdownText,
  mermaidLabel,
  safeLink,
} from '../../../src/report/escape.ts'
import { hostile } from './sample-plan.ts'

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(hostile))

describe('markdownText', () => {
  test('reads the same as the text, but for spaces of no width', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeHTML(markdownText(text)).replaceAll('\u200b', '')).toBe(printable(text))
      }),
    )
  })

  test('leaves nothing that Markdown or HTML would take for its own', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const withoutEntities = markdownText(text).replace(/&#\d+;/g, '')
        expect(withoutEntities).not.toMatch(/[&<>"'\\`*_{}[\]()|~!$^#\n]|:\/\//)
      }),
    )
  })

  test.each([
    ['@octocat', '@&#8203;octocat'],
    ['fixes #1', 'fixes &#35;&#8203;1'],
    ['GH-12', 'GH-&#8203;12'],
    ['https://x', 'https&#58;&#8203;//x'],
    ['www.x.y', 'www&#46;x.y'],
    [':tada:', '&#58;&#8203;tada:'],
    ['- item', '&#45; item'],
    ['12. item', '&#8203;12. item'],
    ['Qwen/Qwen3-0.6B → hf:x', 'Qwen/Qwen3-0.6B → hf:x'],
  ])('%s', (text, escaped) => {
    expect(markdownText(text)).toBe(escaped)
  })
})

test('a Mermaid label has no character that ends a label, a line or the fence', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(mermaidLabel(text)).toMatch(/^[\p{L}\p{N} ./,:·→#;-]*$/u)
    }),
  )
  expect(mermaidLabel('a"] --> b')).toBe('a#34;#93; --#62; b')
})

test('HTML text is inert in an element and in a quoted attribute, and reads the same', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(htmlText(text)).not.toMatch(/[<>"']/)
      expect(decodeHTML(htmlText(text))).toBe(printable(text))
    }),
  )
})

test('a log line is one line, and no workflow command', () => {
  fc.assert(
    fc.property(fc.constantFrom('', ' ', '\t', '::', '  ::error::', 'x'), anyText, (start, text) => {
      const line = logLine(start + text)
      expect(line).toBe(printable(line))
      expect(line.trimStart().startsWith('::')).toBe(false)
      expect(line).not.toContain('##[')
    }),
  )
})

test.each([
  ['https://hub.example/a/b?token=s#x', 'https://hub.example/a/b'],
  ['https://user:secret@hub.example/a(b)', 'https://hub.example/a%28b%29'],
  ['javascript:alert(1)', undefined],
  ['file:///home/me/backup', undefined],
  ['data:text/html,x', undefined],
  ['not a link', undefined],
])('link %s', (address, link) => {
  expect(safeLink(address)).toBe(link)
})

test('JSON for a log reads back the same and holds no command and no invisible character', () => {
  for (const text of [hostile, '##[group]x', '###[y', '\u009b31m\u2066\ufeff\u007f', '# [', '#[']) {
    const json = jsonText({ [text]: [text] })
    expect(JSON.parse(json)).toEqual({ [text]: [text] })
    expect(json).not.toContain('##[')
    expect(printable(json)).toBe(json)
  }
})
