import { sync } from '../dist/index.js'

await sync()
