import { startHuggingFace } from '../stand-ins/huggingface/index.ts'
import { describeHub } from './describe-hub.ts'
import { fastPaths, runStandIn } from './harness.ts'

const mebibyte = 1024 * 1024

describeHub('Hugging Face', {
  start: () => runStandIn('huggingface', startHuggingFace({ treePageSize: 4, listPageSize: 2 })),
  optional: fastPaths,
  hidden: 'refused',
  creation: 'exact',
  gates: true,
  tellsRoles: true,
  listed: 5,
  manyFiles: 30,
  slowsDown: true,
  names: {
    taken: ['a', 'A.b-c_d', 'x'.repeat(96)],
    refused: ['x'.repeat(97), 'a--b', 'a..b', '-a', 'a.', 'a.git', 'ä'],
  },
  sizes: [
    { size: 10 * mebibyte, lfs: false },
    { size: 10 * mebibyte + 1, lfs: true },
  ],
})
