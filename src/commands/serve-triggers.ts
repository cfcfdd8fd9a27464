import { shortestGap } from '../config/cron.ts'
import type { Rule } from '../config/rule.ts'
import type { Context } from '../context.ts'

/** Warns of rules whose cron line fires more often than a service looks: they run once a cycle. `every` in milliseconds. */
export function warnOfTriggers({ clock, log }: Context, rules: readonly Rule[], every: number): void {
  for (const { name, trigger, named } of rules) {
    if (named || trigger === 'scheduled' || trigger === 'manual') continue
    if (shortestGap(trigger, clock.now()) < every)
      log.warn(`Rule ${name}: trigger ${trigger} fires more often than --every; it runs once a cycle.`)
  }
}
