import { startModelScope } from '../stand-ins/modelscope/index.ts'
import { describeHub } from './describe-hub.ts'
import { fastPaths, runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('ModelScope', {
  // A listing ends silently at so many entries, folders counted.
  start: () => runStandIn('modelscope', startModelScope()),
  optional: fastPaths,
  hidden: 'refused',
  creation: 'exact',
  gates: true,
  tellsRoles: true,
  // Its pages have 50 rows.
  listed: 51,
  manyFiles: 3010,
  slowsDown: true,
  names: {
    taken: ['abc', 'A.b-c_d'],
    refused: ['ä', 'a b', 'x'.repeat(129)],
  },
  sizes: [
    { size: mebibyte, lfs: false },
    { size: mebibyte + 1, lfs: true },
  ],
})
