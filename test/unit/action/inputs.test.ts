import { mkdirSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { readInputs, readRepairInputs, readSyncInputs, readVerifyInputs } from '../../../src/action/inputs.ts'
import { type FakeRunner, fakeRunner, masked } from './action-run.ts'

let runner: FakeRunner | undefined
afterEach(() => runner?.stop())

function read(inputs: Record<string, string>) {
  runner = fakeRunner(inputs)
  return readInputs({ kind: 'manual' }, 'dir')
}

describe('readInputs', () => {
  test('without inputs it is a run of the workflow file with the defaults', () => {
    expect(read({}).options).toMatchObject({
      configFile: '.github/model-hub-sync.yml',
      repos: [],
      rules: [],
      from: undefined,
      dryRun: false,
      failOn: 'failed',
      deadline: undefined,
      dir: 'dir',
      event: { kind: 'manual' },
      progress: false,
    })
  })

  test('every input', () => {
    const { options } = read({
      config: 'my.yml',
      rule: 'one, two',
      model: 'Qwen/a, Qwen/b\nQwen/c',
      from: 'hf:Qwen',
      to: 'ms:my-org',
      type: 'dataset',
      set: 'visibility=private\nfiles.include=a,b',
      'dry-run': 'true',
      'fail-on': 'blocked',
      deadline: '5h30m',
    })
    expect(options).toMatchObject({
      configFile: 'my.yml',
      rules: ['one', 'two'],
      repos: ['Qwen/a', 'Qwen/b', 'Qwen/c'],
      from: 'hf:Qwen',
      to: 'ms:my-org',
      type: 'dataset',
      set: ['visibility=private', 'files.include=a,b'],
      dryRun: true,
      failOn: 'blocked',
      deadline: 19_800_000,
    })
  })

  test('a job of the matrix is told how many run at a time, as any number that GitHub takes', () => {
    const parallel = (text: string) => {
      runner = fakeRunner({ 'max-parallel': text })
      return readSyncInputs({ kind: 'manual' }).options.maxParallel
    }
    expect(['', '4', '1000'].map(parallel)).toEqual([undefined, 4, 1000])
    for (const text of ['0', '-1', '2.5', 'all']) expect(() => parallel(text)).toThrow('max-parallel')
  })

  test('what looks after mirrors takes rules of any schedule, and manual ones only by name', () => {
    runner = fakeRunner({})
    for (const inputs of [readVerifyInputs(), readRepairInputs()])
      expect(inputs.options).toMatchObject({ event: { kind: 'manual' }, rules: [] })
  })

  test('with `to` the workflow file is used only if it is there', () => {
    expect(read({ from: 'hf:Qwen', to: 'ms:' }).options.configFile).toBeUndefined()
    mkdirSync('.github')
    writeFileSync('.github/model-hub-sync.yml', 'version: 1\n')
    expect(readInputs({ kind: 'manual' }, 'dir').options.configFile).toBe('.github/model-hub-sync.yml')
  })

  test.each([
    ['type', 'space'],
    ['fail-on', 'always'],
    ['dry-run', 'yes'],
    ['deadline', 'soon'],
    ['private-names', 'maybe'],
  ])('%s: %s is refused with the choices', (name, value) => {
    expect(() => read({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringContaining(`"${name}"`),
        next: expect.any(String),
      }),
    )
  })

  test.each([
    [{}, false],
    [{ 'private-names': 'hide' }, false],
    [{ 'private-names': 'show' }, true],
  ])('private repos are named only when asked for: %j', (inputs, expected) => {
    expect(read(inputs).showsPrivate).toBe(expected)
  })

  test('tokens become variables; the inputs themselves are gone from the environment', () => {
    const { env } = read({
      'huggingface-token': 'hf_12345678',
      'modelscope-token': 'ms-12345678',
      'modelers-token': 'mo-12345678',
      'gitcode-token': 'gc-12345678',
      tokens: '# mine\n\nMATRIX_TOKEN=abc=def123\n',
    })
    expect(env).toMatchObject({
      HF_TOKEN: 'hf_12345678',
      MODELSCOPE_TOKEN: 'ms-12345678',
      MODELERS_TOKEN: 'mo-12345678',
      GITCODE_TOKEN: 'gc-12345678',
      MATRIX_TOKEN: 'abc=def123',
    })
    expect(Object.keys(env).filter((name) => name.startsWith('INPUT_'))).toEqual([])
    expect(env.MODELSCOPE_AI_TOKEN).toBe(process.env.MODELSCOPE_AI_TOKEN)
  })

  test('every token is masked in all forms, line by line, and nothing short is', () => {
    read({
      'huggingface-token': 'hf_token/one+x\nsecond-line-of-it',
      'modelscope-token': 'ms-token-123',
      tokens: 'A=short\nB=long-enough-token',
    })
    const masks = masked(runner?.log() ?? '')
    expect(masks).toEqual(
      expect.arrayContaining([
        'hf_token/one+x',
        encodeURIComponent('hf_token/one+x'),
        Buffer.from('hf_token/one+x').toString('base64'),
        'second-line-of-it',
        'ms-token-123',
        'long-enough-token',
        Buffer.from('long-enough-token').toString('base64'),
      ]),
    )
    expect(masks.filter((mask) => mask.length < 8 || mask.includes('\n'))).toEqual([])
  })

  test('a wrong line of tokens is masked before it is refused, and not told', () => {
    const secret = 'forgot-the-name-of-this'
    expect(() => read({ tokens: `GOOD=another-token\n${secret}` })).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.not.stringContaining(secret) }),
    )
    expect(masked(runner?.log() ?? '')).toEqual(expect.arrayContaining([secret, 'another-token']))
  })
})
