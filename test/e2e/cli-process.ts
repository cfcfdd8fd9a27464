// The command line from source, as a process of its own: what tests kill, and what they look at from outside.
import { cli } from '../../src/main.ts'

process.exitCode = await cli(process.argv.slice(2))
