import { startGitCode } from '../stand-ins/gitcode/index.ts'
import { describeHub } from './describe-hub.ts'
import { runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('GitCode', {
  start: () => runStandIn('gitcode', startGitCode()),
  optional: ['findRepo'],
  hidden: 'refused',
  creation: 'exact',
  gates: false,
  tellsRoles: true,
  // Its pages have 100 rows.
  listed: 101,
  manyFiles: 30,
  slowsDown: true,
  names: {
    taken: ['ab', 'A.b-c_d'],
    refused: ['a.git', 'ä', '..'],
  },
  sizes: [
    { size: 5 * mebibyte, lfs: false },
    { size: 5 * mebibyte + 1, lfs: true },
  ],
})
