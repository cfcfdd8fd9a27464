#!/usr/bin/env -S node --
// Plain and old syntax up to the import, so that an older Node gets as far as the message.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  console.error(`error: model-hub-sync needs Node.js 22.19 or later; this is ${process.versions.node}.`)
  console.error('next: install a newer Node.js from https://nodejs.org and run it again.')
  process.exitCode = 2
} else {
  const { cli } = await import('../dist/index.js')
  process.exitCode = await cli(process.argv.slice(2))
}
