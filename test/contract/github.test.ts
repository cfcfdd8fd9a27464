import { startGitHub } from '../stand-ins/github/index.ts'
import { describeHub } from './describe-hub.ts'
import { runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('GitHub', {
  start: () => runStandIn('github', startGitHub({ maxPerPage: 2 })),
  optional: ['findRepo'],
  hidden: 'absent',
  creation: 'exact',
  gates: false,
  tellsRoles: true,
  listed: 5,
  manyFiles: 30,
  slowsDown: true,
  names: {
    taken: ['a', 'A.b-c_d', 'x'.repeat(100)],
    refused: ['x'.repeat(101), 'a.git', 'a.wiki', 'ä', '..'],
  },
  sizes: [
    { size: 5 * mebibyte, lfs: false },
    { size: 5 * mebibyte + 1, lfs: true },
  ],
})
