import { report } from '../dist/index.js'

await report()
