import { shortestGap } from '../config/cron.ts'
import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'

/**
 * Warns of rules whose cron line fires more often than a service looks, which run once a cycle, and where no rule starts by itself.
 * `every` in milliseconds.
 */
export function warnOfTriggers({ clock, log }: Context, rules: readonly Rule[], every: number): void {
  if (rules.every(({ trigger, named }) => trigger === 'manual' && !named))
    log.warn('No rule ever starts here: all are manual. Name one with --rule, or give it another trigger.')
  for (const { name, trigger, named } of rules) {
    if (named || trigger === 'scheduled' || trigger === 'manual') continue
    if (shortestGap(trigger, clock.now()) < every)
      log.warn(`Rule ${name}: trigger ${trigger} fires more often than --every; it runs once a cycle.`)
  }
}
