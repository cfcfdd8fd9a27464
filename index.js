import { wholeRun } from './dist/index.js'

await wholeRun()
