/**
 * Licenses that ModelScope's create call is known to take; anything else is created as `other`.
 * Source: modelscope_hub constants.py (it maps display names to SPDX: "backend rejects display names").
 */
export const modelScopeLicenses: ReadonlySet<string> = new Set([
  ...['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'gpl-2.0', 'gpl-3.0', 'lgpl-2.1', 'lgpl-3.0'],
  ...['mpl-2.0', 'cc-by-4.0', 'cc-by-sa-4.0', 'cc-by-nc-4.0', 'cc0-1.0', 'unlicense', 'other'],
])

/** What ModelScope's pages and older READMEs write for an id. Source: modelscope hub/constants.py (Licenses). */
export const modelScopeLicenseNames: Readonly<Record<string, string>> = {
  'Apache License 2.0': 'apache-2.0',
  'MIT License': 'mit',
  'BSD 2-Clause License': 'bsd-2-clause',
  'BSD 3-Clause License': 'bsd-3-clause',
  'GPL-2.0': 'gpl-2.0',
  'GPL-3.0': 'gpl-3.0',
  'GNU General Public License v2.0': 'gpl-2.0',
  'GNU General Public License v3.0': 'gpl-3.0',
  'LGPL-2.1': 'lgpl-2.1',
  'LGPL-3.0': 'lgpl-3.0',
  'AFL-3.0': 'afl-3.0',
  'AGPL-3.0': 'agpl-3.0',
  'ECL-2.0': 'ecl-2.0',
  'Mozilla Public License 2.0': 'mpl-2.0',
  'CC-BY-4.0': 'cc-by-4.0',
  'CC-BY-SA-4.0': 'cc-by-sa-4.0',
  'CC-BY-NC-4.0': 'cc-by-nc-4.0',
  'CC0-1.0': 'cc0-1.0',
  'The Unlicense': 'unlicense',
  Other: 'other',
}
