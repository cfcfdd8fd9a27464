import leven from 'leven'
import type { Environment } from './hubs.ts'

export type Replaced =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'wrong'; readonly what: string }

/**
 * Puts the environment's values in the place of `${VAR}`, once: what a value holds is never looked at again. A variable that is
 * not set, or empty, is wrong; names of variables may be told, values never.
 */
export function replaceVariables(text: string, env: Environment): Replaced {
  let what: string | undefined
  const result = text.replace(/\$\{([^}]*)\}?/g, (whole, name: string) => {
    const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && whole.endsWith('}')
    const value = isName && Object.hasOwn(env, name) ? env[name] : undefined
    if (value === undefined || value.trim() === '') what ??= complaint(whole, name, env)
    return value ?? ''
  })
  return what === undefined ? { kind: 'text', text: result } : { kind: 'wrong', what }
}

/** True if the text speaks of an environment variable. */
export function hasVariable(text: string): boolean {
  return /\$\{[A-Za-z_]/.test(text)
}

/** True if the text is nothing but variables, so that it can be shown without showing a part of a secret. */
export function isOnlyVariables(text: string): boolean {
  return /^(\$\{[A-Za-z_][A-Za-z0-9_]*\})+$/.test(text)
}

function complaint(whole: string, name: string, env: Environment): string {
  if (!/^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/.test(whole)) return 'a variable is written as $' + '{NAME}'
  const set = Object.keys(env).filter((key) => key !== name && (env[key] ?? '') !== '')
  // A slip of the keyboard only: half a name in common would send people to the token of another hub.
  const near = set.find((key) => leven(key, name) <= 2)
  return `the environment variable ${name} is ${name in env ? 'empty' : 'not set'}${near === undefined ? '' : `; did you mean ${near}?`}`
}
