import { repair } from '../dist/index.js'

await repair()
