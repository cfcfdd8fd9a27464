import { plan } from '../dist/index.js'

await plan()
