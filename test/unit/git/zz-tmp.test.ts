import { test, expect } from 'vitest'
import { startGitServer, testContext } from './git-server.ts'
import { openSnapshot } from '../../../src/git/snapshot.ts'
import { gitManifest } from '../../../src/git/read-tree.ts'
import { pushCommit } from '../../../src/git/publish.ts'
import { parseRepoPath } from '../../../src/model/path.ts'
import { canonicalReadme } from '../../../src/transform/readme.ts'
test('gitmodules', async () => {
  const server = await startGitServer(); const context = await testContext()
  const access = { url: server.url, authorization: {}, insecureHttp: false }
  const big = server.git(['hash-object','-w','--stdin'], '[submodule "x"]\n\tpath = x\n\turl = https://example.com/x\n#' + 'x'.repeat(3000) + '\n')
  const tree = server.git(['mktree'], `100644 blob ${big}\t.gitmodules\n100644 blob ${big}\tREADME.md\n`)
  const id = server.git(['commit-tree','-m','x',tree]); server.git(['update-ref','refs/heads/main',id])
  for (const filter of ['blob:none','blob:limit=1k'] as const) {
    const n = server.requests.length
    const s = await openSnapshot(context, access, {branch:'main',commit:id},{filter})
    console.log(filter, s.blobs.size, server.requests.length - n)
    if (filter !== 'blob:none') console.log([...(await gitManifest(s)).values()].length)
    await s.dispose()
  }
  for (const N of [2000, 20000]) {
    const changes = Array.from({length:N},(_, i)=>({kind:'lfs' as const, path: parseRepoPath(`d${i%50}/f${i}.bin`), object:{oid:'a'.repeat(56)+String(10000000+i), size:i}, isNew:true}))
    const t = performance.now()
    const parent = server.git(['rev-parse','main'])
    const c = await pushCommit(context, access, {branch:'main', parent, title:'t', trailers:[], changes})
    const t2 = performance.now()
    const s = await openSnapshot(context, access, {branch:'main',commit:c},{filter:'blob:limit=1k'})
    const m = await gitManifest(s)
    console.log(N, 'push ms', Math.round(t2-t), 'manifest ms', Math.round(performance.now()-t2), m.size); await s.dispose()
  }
  await server.close()
})
test.each([['[', 1], ['- ', 1], ['{a: ', 1], ['a: b\n', 1], ["? ", 1], ['&a ', 1], ['"\\', 1], ['- a\n', 1], ['#\n',1]])('dos %s', (unit) => {
  for (const size of [50_000, 100_000, 200_000, 1_000_000]) {
  const text = `---\nlicense: MIT\nx: ${unit.startsWith('a') || unit.startsWith('- a') ? '\n' : ''}${unit.repeat(size / unit.length)}\n---\n`
  const t = performance.now(); canonicalReadme(text); const ms = Math.round(performance.now() - t)
  console.log(JSON.stringify(unit), size, ms)
  if (ms > 3000) break }
})
