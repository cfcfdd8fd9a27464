export { wholeRun } from './action/whole-run.ts'
export { cli } from './cli/main-cli.ts'
