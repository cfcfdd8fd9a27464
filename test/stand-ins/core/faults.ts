/** Every fault that the name of a repo can ask for. The table of meanings is in ../README.md. */
export const faultNames = [
  'fault-truncated',
  'fault-short',
  'fault-overlong',
  'fault-corrupt',
  'fault-cut3',
  'fault-stall',
  'fault-missing-object',
  'fault-expired-url',
  'fault-storage-500',
  'fault-lost-object',
  'fault-redirect-elsewhere',
  'fault-429',
  'fault-500',
  'fault-504-landed',
  'fault-500-landed',
  'fault-stale',
  // ModelScope only.
  'fault-lock-busy',
  'fault-frequency',
  'fault-policy',
  'fault-policy-once',
  'fault-success-false',
  'fault-api-commit-refused',
  'fault-git-refused',
  // GitCode only.
  'fault-lfs-quota',
  // GitHub only.
  'fault-rate-limit',
  // Modelers only.
  'fault-upload-gone',
] as const

export type FaultName = (typeof faultNames)[number]

/** Faults named in a repo's name: `x-fault-429-fault-stale` has two. */
export function faultsOf(repoName: string): ReadonlySet<FaultName> {
  const found = new Set<FaultName>()
  let rest = repoName
  for (const name of [...faultNames].sort((a, b) => b.length - a.length)) {
    if (!rest.includes(name)) continue
    found.add(name)
    rest = rest.replaceAll(name, '')
  }
  return found
}

/** What is done to the bytes of a download. */
export type BodyFault = 'truncated' | 'short' | 'overlong' | 'corrupt' | 'cut' | 'stall'

/** Fault of one download; `nth` counts the downloads of this object from this repo, from 1 on. */
export function bodyFault(faults: ReadonlySet<FaultName>, nth: number): BodyFault | undefined {
  if (faults.has('fault-cut3')) return nth <= 3 ? 'cut' : undefined
  const always = ['truncated', 'short', 'overlong', 'corrupt', 'stall'] as const
  return always.find((name) => faults.has(`fault-${name}`))
}
