import { CronPattern } from 'croner'
import picomatch from 'picomatch'
import type { z } from 'zod'

/** What is wrong with a glob, or undefined. Brackets must be closed; an empty glob matches nothing anyone means. */
export function globProblem(text: string): string | undefined {
  if (text === '') return 'a glob may not be empty'
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'a glob may not hold control characters'
  try {
    picomatch.makeRe(text, { strictBrackets: true })
    return undefined
  } catch (error) {
    return `not a glob: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** GitHub's schedules are lines of five fields (docs.github.com, "on.schedule"); croner knows what may stand in them. */
export function triggerProblem(text: string): string | undefined {
  if (text === 'scheduled' || text === 'manual') return undefined
  if (!text.includes(' ')) return 'expected scheduled, manual or a cron line of five fields'
  if (text.trim().split(/\s+/).length !== 5)
    return 'a cron line has five fields: minute hour day month weekday'
  try {
    new CronPattern(text.trim())
    return undefined
  } catch (error) {
    return `not a cron line: ${(error instanceof Error ? error.message : String(error)).replace(/^CronPattern: /, '')}`
  }
}

/** Revisions reach git and URLs: git's own rules for names of refs (git help check-ref-format), and nothing that looks like an option. */
export function revisionProblem(text: string): string | undefined {
  const shape = /^[A-Za-z0-9_][A-Za-z0-9._/+@#-]{0,254}$/.test(text)
  const parts = /\.\.|@\{|\/\/|\/\.|\.lock(\/|$)|[./]$/.test(text)
  return shape && !parts ? undefined : 'expected a branch, tag or commit'
}

/** A zod refinement from a function that says what is wrong. */
export function check(problem: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx<string>): void => {
    const message = problem(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  }
}
