import { startHuggingFace } from '../test/stand-ins/huggingface/index.ts'
import { startModelScope } from '../test/stand-ins/modelscope/index.ts'
import type { HubAnswer, HubCall } from './hubs.ts'

/**
 * One stand-in hub in a process of its own, told what to do by its parent: `node bench/hub-process.ts huggingface|modelscope`.
 * It does not hash what it is sent: on a real hub that is work of another machine, and here it would slow both sides alike.
 * Nor does it run out of calls: 200 repos would, on the hub's free plan, and the benchmark would measure the wait.
 */
async function serve(name: string | undefined): Promise<void> {
  const hub =
    name === 'modelscope'
      ? await startModelScope({ verifyUploads: false })
      : await startHuggingFace({ verifyUploads: false, rateLimit: { requests: 1_000_000, seconds: 300 } })
  const answer = (message: HubAnswer) => process.send?.(message)
  process.on('message', (call: HubCall) => {
    if (call.kind === 'requests') {
      answer({ id: call.id, value: hub.requests.length })
      hub.requests.length = 0
    } else if (call.kind === 'cpu') {
      const { user, system } = process.cpuUsage()
      answer({ id: call.id, value: (user + system) / 1e6 })
    } else {
      hub.seed(call.repo).then(
        () => answer({ id: call.id, value: 0 }),
        (error: unknown) => answer({ id: call.id, error: String(error) }),
      )
    }
  })
  process.once('SIGTERM', () => process.disconnect?.())
  process.once('disconnect', () => void hub.close().then(() => process.exit(0)))
  const { endpoint, token, readToken, username } = hub
  answer({ id: 0, address: { endpoint, token, readToken, username } })
}

await serve(process.argv[2])
