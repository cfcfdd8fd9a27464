import type { Context, SeenAnswer } from '../context.ts'
import type { Check } from '../model/check.ts'
import { asSyncError } from '../model/errors.ts'
import type { RepoInfo } from '../model/repo.ts'
import { clockSkew } from '../net/clock-skew.ts'
import { rateBudget } from '../net/rate-budget.ts'
import { discover } from '../planning/discover.ts'
import type { Hubs } from '../repos/hubs.ts'
import type { HubUse, ReadUse } from './check-uses.ts'
import { checkWrite } from './check-write.ts'

/** Names of one rule that are asked for. */
const maxNames = 20
/** Seconds that a clock may be off: hubs refuse signed addresses and some tokens beyond it. */
const maxSkew = 300
/** Part of a quota under which a run will have to wait. */
const lowBudget = 0.05

/**
 * Looks at one hub without writing: is it there, whose token is it, may it write for each owner and read from each, and what its
 * answers tell of the clock and the quota. A hub that does not answer is one line. `seen` gives its answers so far.
 */
export async function checkHub(
  context: Context,
  hubs: Hubs,
  use: HubUse,
  seen: () => readonly SeenAnswer[],
): Promise<Check[]> {
  const { hub } = use
  const endpoint = await checkEndpoint(context, hubs, hub)
  if (endpoint.status === 'fail') return [endpoint]
  const token = await checkToken(context, hubs, use)
  const owners = token.status === 'fail' ? [] : await checkOwners(context, hubs, use)
  const answers = seen()
  return [endpoint, ...clockLine(hub, answers), token, ...owners, ...rateLine(context, hub, answers)]
}

async function checkEndpoint({ clock, signal }: Context, hubs: Hubs, hub: string): Promise<Check> {
  const started = clock.now()
  try {
    const host = await hubs.reach(hub)
    const seconds = ((clock.now() - started) / 1000).toFixed(2)
    return { hub, check: 'endpoint', status: 'ok', text: `${host} answers in ${seconds} s` }
  } catch (thrown) {
    signal.throwIfAborted()
    const { status } = asSyncError(thrown)
    // An answer, if a bad one: what else is asked may go better.
    return { ...failed(hub, 'endpoint', thrown), status: status === undefined ? 'fail' : 'warn' }
  }
}

async function checkToken({ signal }: Context, hubs: Hubs, { hub, writes }: HubUse): Promise<Check> {
  const line = (text: string): Check => ({ hub, check: 'token', status: 'ok', text })
  if (writes.length === 0 && !hubs.hasToken(hub)) return line('no token: what everybody may read')
  try {
    const identity = await hubs.identity(hub)
    if (identity !== undefined)
      return line(`as ${identity.username}${identity.canWrite === false ? ', reading only' : ''}`)
    return line(
      hubs.hasToken(hub)
        ? 'the hub does not tell whom the token belongs to: it shows what it may when it is used'
        : 'no token: what everybody may do',
    )
  } catch (thrown) {
    signal.throwIfAborted()
    return failed(hub, 'token', thrown)
  }
}

async function checkOwners(
  { signal }: Context,
  hubs: Hubs,
  { hub, reads, writes }: HubUse,
): Promise<Check[]> {
  const checks: Check[] = []
  const add = async (
    owner: string,
    check: 'write' | 'read',
    ask: () => Promise<Pick<Check, 'status' | 'text' | 'next'>>,
  ) => {
    try {
      checks.push({ hub, owner, check, ...(await ask()) })
    } catch (thrown) {
      signal.throwIfAborted()
      checks.push({ ...failed(hub, check, thrown), owner })
    }
  }
  for (const use of writes) await add(use.owner, 'write', () => checkWrite(hubs, hub, use))
  for (const use of reads) await add(use.owner, 'read', () => checkSource(hubs, hub, use))
  return checks
}

/** A two-way rule makes what one of its sides lacks: that is no reason to stop. Throws as `checkRead`. */
async function checkSource(
  hubs: Hubs,
  hub: string,
  use: ReadUse,
): Promise<Pick<Check, 'status' | 'text' | 'next'>> {
  try {
    return await checkRead(hubs, hub, use)
  } catch (thrown) {
    const { code, message } = asSyncError(thrown)
    if (use.rule.direction === 'one-way' || code !== 'not-found') throw thrown
    const next = 'Check the spelling; if the other side has it, this rule makes it here.'
    return { status: 'warn', text: message, next }
  }
}

/** The repos that a rule names are asked for; of an owner's listing the first row is enough. Throws what the hub answers with. */
async function checkRead(
  hubs: Hubs,
  hub: string,
  { owner, rule, names }: ReadUse,
): Promise<Pick<Check, 'status' | 'text' | 'next'>> {
  const finder = hubs.hub(hub)
  const { listRepos } = finder
  if (names.length === 0 && listRepos !== undefined) {
    const types = rule.from.type === undefined ? rule.types : [rule.from.type]
    for (const type of types)
      for await (const _ of listRepos(owner, type)) return { status: 'ok', text: `${owner} can be listed` }
    const next = 'Check the spelling; what is private needs a token that may read it.'
    return { status: 'warn', text: `${owner} has no ${types.join(' and no ')} that can be seen`, next }
  }
  const infos: RepoInfo[] = []
  const findRepo: typeof finder.findRepo = async (ref) => {
    const info = await finder.findRepo(ref)
    if (info !== undefined) infos.push(info)
    return info
  }
  const include = rule.from.name === undefined ? names.slice(0, maxNames) : rule.repos.include
  const asked = { ...rule, repos: { ...rule.repos, include } }
  const found = await discover(asked, { ...finder, findRepo }, () => false)
  const there = [...new Set(found.map(({ source }) => source.name))]
  const text = `${foundText(owner, there, names.length)} can be read${kindsOf(infos)}`
  if (there.length >= Math.min(names.length, maxNames)) return { status: 'ok', text }
  return {
    status: 'warn',
    text,
    next: 'Check the other names; what is private needs a token that may read it.',
  }
}

function foundText(owner: string, found: readonly string[], asked: number): string {
  const [only] = found
  if (asked === 1 && only !== undefined) return `${owner}/${only}`
  return `${found.length} of ${Math.min(asked, maxNames)} repos of ${owner} that were asked for`
}

function kindsOf(infos: readonly RepoInfo[]): string {
  const gated = infos.filter((info) => info.gated).length
  const closed = infos.filter((info) => info.visibility !== 'public').length
  const kinds = [...(gated > 0 ? [`${gated} gated`] : []), ...(closed > 0 ? [`${closed} not public`] : [])]
  return kinds.length === 0 ? '' : ` (${kinds.join(', ')})`
}

function clockLine(hub: string, answers: readonly SeenAnswer[]): Check[] {
  const skew = clockSkew(answers)
  if (skew === undefined) return []
  const off = Math.round(Math.abs(skew))
  if (off <= maxSkew)
    return [
      {
        hub,
        check: 'clock',
        status: 'ok',
        text: off < 2 ? 'the clocks agree' : `the clocks are ${off} s apart`,
      },
    ]
  const text = `this machine's clock is ${off} s ${skew > 0 ? 'ahead of' : 'behind'} the hub's`
  const next = "Set it right: tokens and signed addresses fail by time. (If it is right, the hub's is wrong.)"
  return [{ hub, check: 'clock', status: 'warn', text, next }]
}

function rateLine({ clock }: Context, hub: string, answers: readonly SeenAnswer[]): Check[] {
  const budget = answers
    .map(({ headers }) => rateBudget(headers, clock.now()))
    .findLast((one) => one !== undefined)
  if (budget === undefined) return []
  const { left, of, seconds } = budget
  const until = seconds === undefined ? '' : `, new ones in ${seconds} s`
  const text = `${left}${of === undefined ? '' : ` of ${of}`} requests left${until}`
  if (left > (of ?? 0) * lowBudget) return [{ hub, check: 'rate', status: 'ok', text }]
  return [
    {
      hub,
      check: 'rate',
      status: 'warn',
      text,
      next: 'A run will wait for new ones: begin it later, or lower its rate-limit.',
    },
  ]
}

function failed(hub: string, check: Check['check'], thrown: unknown): Check {
  const { message, next } = asSyncError(thrown)
  return { hub, check, status: 'fail', text: message, ...(next !== undefined && { next }) }
}
