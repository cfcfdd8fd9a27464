import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dropUnfinished, replaceFile } from '../../../src/commands/replace-file.ts'
import { ownFolder } from './service-run.ts'

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  return child.pid ?? 0
}

test('what a killed process had begun to write goes, of each of our files; people keep theirs', async () => {
  const [dir, dead, other] = [ownFolder(), await deadPid(), await deadPid()]
  mkdirSync(join(dir, 'results'))
  const own = [
    ...['plan.json', 'state.json', 'service.json', 'ledger.json', 'report.json', 'report.md', 'report.html'],
    ...['verify.json', 'verify.md', 'results/all.json', 'results/private-1-3.json'],
  ]
  for (const name of own) writeFileSync(join(dir, `${name}.${dead}.tmp`), '{')
  // A container that starts anew has the same ids again.
  writeFileSync(join(dir, `plan.json.${process.pid}.tmp`), '{')
  const theirs = [
    ...[
      `notes.${dead}.tmp`,
      `report.json.${dead}.dead`,
      `plan.${dead}.tmp`,
      `report.pdf.${dead}.tmp`,
      'a.tmp',
    ],
    ...[`results/notes.txt.${dead}.tmp`, `results/mine.${dead}.now`, `state.json.${dead}.tmp.bak`],
    `report.md.${process.ppid}.tmp`,
  ]
  for (const name of theirs) writeFileSync(join(dir, name), 'mine')
  mkdirSync(join(dir, `verify.json.${other}.tmp`))
  symlinkSync('a.tmp', join(dir, `verify.md.${other}.tmp`))
  await dropUnfinished(dir)
  const left = [...theirs, 'results', `verify.json.${other}.tmp`, `verify.md.${other}.tmp`]
  expect(readdirSync(dir, { recursive: true }).map(String).sort()).toEqual(left.sort())
})

test('a folder without results is no error; what is written whole leaves nothing to drop', async () => {
  const dir = ownFolder()
  await replaceFile(join(dir, 'plan.json'), '{}')
  await dropUnfinished(dir)
  expect(readdirSync(dir)).toEqual(['plan.json'])
})
