import { afterAll, beforeAll, describe } from 'vitest'
import type { RepoType } from '../../src/model/repo.ts'
import { describeFinding } from './finding.ts'
import { type FastPath, fastPaths, type HubHarness, type RunningHub } from './harness.ts'
import { describeReading } from './reading.ts'
import { describeSyncing } from './syncing.ts'
import { describeWriting } from './writing.ts'

/** A part of the suite: what it knows of the hub, and the hub, once it runs. */
export interface Part {
  readonly harness: HubHarness
  readonly hub: () => RunningHub
  /** The hub as it is, without each of its fast paths, and without all of them: the results must be the same. */
  readonly variants: readonly Variant[]
}

export interface Variant {
  readonly title: string
  readonly missing: readonly FastPath[]
}

/** What every hub must do, whatever it is; what it cannot do is said by its harness. */
export function describeHub(name: string, harness: HubHarness): void {
  describe(`${name}, by the contract of all hubs`, () => {
    const running: { hub?: RunningHub } = {}
    beforeAll(async () => {
      running.hub = await harness.start()
    }, 60_000)
    afterAll(() => running.hub?.close())
    const hub = () => {
      if (running.hub === undefined) throw new Error(`${name} is not running`)
      return running.hub
    }
    const part: Part = { harness, hub, variants: variantsOf(harness.optional) }
    describeFinding(part)
    describeReading(part)
    describeWriting(part)
    describeSyncing(part)
  })
}

function variantsOf(optional: readonly FastPath[]): Variant[] {
  const whole: Variant = { title: 'as it is', missing: [] }
  const single = optional.map((path): Variant => ({ title: `without ${path}`, missing: [path] }))
  const bare: Variant = { title: 'by git and LFS alone', missing: fastPaths }
  return optional.length < 2 ? [whole, ...single] : [whole, ...single, bare]
}

/** Datasets differ from models in addresses only: they are met whole, and with nothing but git. */
export function variantsFor({ variants }: Part, type: RepoType): readonly Variant[] {
  return type === 'model' ? variants : bothEnds(variants)
}

/** Whole syncs take seconds: each single path is met by finding, reading and publishing, these with all of them and with none. */
export function bothEnds(variants: readonly Variant[]): readonly Variant[] {
  return variants.filter((_, n) => n === 0 || n === variants.length - 1)
}
