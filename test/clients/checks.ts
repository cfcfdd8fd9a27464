/** One check that another program made and told about. */
export interface ToldCheck {
  readonly name: string
  readonly ok: boolean
  readonly why: string
  readonly seconds: number
}

/** Prints checks as they end and counts them. */
export interface Checks {
  /** Runs one check; one that throws has failed. Answers whether it held. */
  run(name: string, body: () => void | Promise<void>): Promise<boolean>
  tell(check: ToldCheck): void
  counts(): { readonly passed: number; readonly failed: number }
}

export function createChecks(): Checks {
  const told: ToldCheck[] = []
  const tell = (check: ToldCheck) => {
    told.push(check)
    const seconds = `(${check.seconds.toFixed(1)} s)`
    console.log(check.ok ? `ok ${check.name} ${seconds}` : `FAILED ${check.name} ${seconds}: ${check.why}`)
  }
  return {
    tell,
    async run(name, body) {
      const started = performance.now()
      const why = await problemOf(body)
      tell({ name, ok: why === undefined, why: why ?? '', seconds: (performance.now() - started) / 1000 })
      return why === undefined
    },
    counts: () => ({
      passed: told.filter((check) => check.ok).length,
      failed: told.filter((check) => !check.ok).length,
    }),
  }
}

/** Throws, naming `what`, unless both print alike as JSON. */
export function expectSame(actual: unknown, wanted: unknown, what: string): void {
  const [got, want] = [JSON.stringify(actual), JSON.stringify(wanted)]
  if (got !== want) throw new Error(`${what}: got ${got}, wanted ${want}`)
}

async function problemOf(body: () => void | Promise<void>): Promise<string | undefined> {
  try {
    await body()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
