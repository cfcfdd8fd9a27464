import { startModelers } from '../stand-ins/modelers/index.ts'
import { describeHub } from './describe-hub.ts'
import { runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('Modelers', {
  start: () => runStandIn('modelers', startModelers({ partSize: mebibyte })),
  optional: ['findRepo', 'listFiles', 'openFile'],
  hidden: 'refused',
  creation: 'exact',
  gates: false,
  tellsRoles: true,
  // Its pages have 100 rows.
  listed: 101,
  manyFiles: 30,
  slowsDown: true,
  names: {
    taken: ['a', 'A.b-c_d', 'x'.repeat(100)],
    refused: ['x'.repeat(101), '...', 'a.git', 'ä'],
  },
  sizes: [
    { size: 5 * mebibyte, lfs: false },
    { size: 5 * mebibyte + 1, lfs: true },
  ],
})
