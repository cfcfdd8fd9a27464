import { startPlainGit } from '../stand-ins/plain-git/index.ts'
import { describeHub } from './describe-hub.ts'
import { runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('any host of git', {
  start: () => runStandIn('git', startPlainGit({ createOn: 'push' })),
  optional: [],
  hidden: 'refused',
  // Nobody can say with which visibility, so only what is public may be made so.
  creation: 'push',
  gates: false,
  tellsRoles: true,
  listed: 0,
  manyFiles: 30,
  slowsDown: true,
  names: {
    taken: ['a', 'A.b-c_d'],
    refused: ['ä', 'a b', '..'],
  },
  sizes: [
    { size: 5 * mebibyte, lfs: false },
    { size: 5 * mebibyte + 1, lfs: true },
  ],
})
