import type { LicenseProfile } from '../model/profile.ts'

/** Spellings of a hub or a user that mean an id. */
export type LicenseSpellings = LicenseProfile['map']

/**
 * The id a license is spelled by everywhere: lower case as Hugging Face lists it, from an id in any case, a full name, or a
 * spelling of `map`. What is none of these comes back as it is: a license of somebody's own is never guessed at (spdx-correct
 * reads "LIMITED use" as MIT), and `-only`/`-or-later` are never dropped.
 */
export function canonicalLicense(text: string, map: LicenseSpellings = {}): string {
  const spelled = text.trim()
  const mapped = Object.hasOwn(map, spelled) ? map[spelled] : undefined
  if (mapped !== undefined) return mapped
  const lower = spelled.toLowerCase()
  return ids.has(lower) ? lower : (names.get(lower) ?? spelled)
}

/** True if the hub takes the id; `other` is taken wherever there is a list. */
export function takesLicense(profile: LicenseProfile, id: string): boolean {
  return profile.allow === undefined || id === 'other' || profile.allow.includes(id)
}

/** Source: hub-docs, docs/hub/repositories-licenses.md (both columns), and the ids that huggingface.co takes besides. */
const ids: ReadonlySet<string> = new Set(
  `apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0
  artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0
  cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
  cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0
  epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research
  intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 postgresql ofl-1.1
  ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2
  llama3.3 llama4 gemma grok2-community unknown other`.split(/\s+/),
)

/** Full names in lower case. Sources: hub-docs as above; modelscope hub/constants.py (Licenses); the SPDX license list. */
const names: ReadonlyMap<string, string> = new Map([
  ['apache license 2.0', 'apache-2.0'],
  ['apache license, version 2.0', 'apache-2.0'],
  ['apache license version 2.0', 'apache-2.0'],
  ['apache 2.0', 'apache-2.0'],
  ['mit license', 'mit'],
  ['the mit license', 'mit'],
  ['bsd 2-clause license', 'bsd-2-clause'],
  ['bsd 2-clause "simplified" license', 'bsd-2-clause'],
  ['bsd 3-clause license', 'bsd-3-clause'],
  ['bsd 3-clause "new" or "revised" license', 'bsd-3-clause'],
  ['gnu general public license v2.0', 'gpl-2.0'],
  ['gnu general public license v3.0', 'gpl-3.0'],
  ['gnu lesser general public license v2.1', 'lgpl-2.1'],
  ['gnu lesser general public license v3.0', 'lgpl-3.0'],
  ['gnu affero general public license v3.0', 'agpl-3.0'],
  ['mozilla public license 2.0', 'mpl-2.0'],
  ['academic free license v3.0', 'afl-3.0'],
  ['artistic license 2.0', 'artistic-2.0'],
  ['boost software license 1.0', 'bsl-1.0'],
  ['educational community license v2.0', 'ecl-2.0'],
  ['eclipse public license 1.0', 'epl-1.0'],
  ['eclipse public license 2.0', 'epl-2.0'],
  ['isc license', 'isc'],
  ['postgresql license', 'postgresql'],
  ['the unlicense', 'unlicense'],
  ['zlib license', 'zlib'],
  ['sil open font license 1.1', 'ofl-1.1'],
  ['creative commons zero v1.0 universal', 'cc0-1.0'],
  ['creative commons attribution 4.0', 'cc-by-4.0'],
  ['creative commons attribution 4.0 international', 'cc-by-4.0'],
  ['creative commons attribution share alike 4.0', 'cc-by-sa-4.0'],
  ['creative commons attribution non commercial 4.0', 'cc-by-nc-4.0'],
])
