/**
 * The id of the license whose whole text this is; undefined for anything else, texts with terms of somebody's own added included. Only
 * the licenses that a hub insists on naming are known (hubs/modelers/licenses.ts). Source of the texts: the SPDX license list.
 */
export function licenseOfText(text: string): string | undefined {
  if (text.length > longestText) return undefined
  const words = normalized(text)
  if (foreignTerms.some((phrase) => words.includes(phrase))) return undefined
  return rows.find(({ begins, holds, longest }) => {
    const start = words.search(begins)
    // Before the title there is nothing but names and years.
    if (start < 0 || start > longestPreface) return false
    return words.length - start <= longest && holds.every((phrase) => words.includes(phrase))
  })?.id
}

const longestText = 100_000
const longestPreface = 600

/** Terms by which others made a license of their own out of a short one (SPDX: JSON, MIT-feh, BSD-4-Clause, BSD-3-Clause-No-…). */
const foreignTerms = [
  'shall be used for good not evil',
  'acknowledgment shall be given in the documentation',
  'all advertising materials mentioning features or use',
  'military',
  'nuclear',
]

/** Words only, in lower case: line ends, marks of Markdown, comments and kinds of quotes play no part. */
function normalized(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, ' ')
    .replace(/\.(?= |$)/g, '')
    .trim()
}

interface Row {
  readonly id: string
  readonly begins: RegExp
  /** What makes it this license and no other; normalized. */
  readonly holds: readonly string[]
  /** Characters from its beginning to its end, normalized, with room for names: more than that is more than the license. */
  readonly longest: number
}

const mitGrant = 'permission is hereby granted free of charge to any person obtaining a copy'
const bsdGrant =
  'redistribution and use in source and binary forms with or without modification are permitted'
const bsdSource = 'redistributions of source code must retain the above copyright notice'
const bsdBinary = 'redistributions in binary form must reproduce the above copyright notice'
const bsdEnd = 'even if advised of the possibility of such damage'
const bsdNames =
  'be used to endorse or promote products derived from this software without specific prior written permission'
const noPatents = 'no express or implied licenses to any party s patent rights are granted by this license'

/** First match wins. */
const rows: readonly Row[] = [
  {
    id: 'apache-2.0',
    begins: /apache license version 2.0 january 2004/,
    holds: [
      'terms and conditions for use reproduction and distribution',
      '9 accepting warranty or additional liability',
    ],
    longest: 10_100,
  },
  {
    id: 'mit',
    begins: /permission is hereby granted free of charge/,
    holds: [
      mitGrant,
      'the above copyright notice and this permission notice',
      'the software is provided as is without warranty',
    ],
    longest: 1040,
  },
  {
    id: 'bsd-3-clause-clear',
    begins: /redistribution and use in source and binary forms/,
    holds: ['permitted subject to the limitations in the disclaimer below', bsdNames, noPatents],
    longest: 1570,
  },
  {
    id: 'bsd-3-clause',
    begins: /redistribution and use in source and binary forms/,
    holds: [bsdGrant, bsdSource, bsdBinary, bsdNames, bsdEnd],
    longest: 1440,
  },
  {
    id: 'bsd-2-clause',
    begins: /redistribution and use in source and binary forms/,
    holds: [bsdGrant, bsdSource, bsdBinary, bsdEnd],
    longest: 1240,
  },
  {
    id: 'isc',
    begins:
      /permission to use copy modify and(?: or)? distribute this software for any purpose with or without fee is hereby granted/,
    holds: [
      'provided that the above copyright notice and this permission notice appear in all copies',
      'the software is provided as is',
    ],
    longest: 710,
  },
  {
    id: 'postgresql',
    begins:
      /permission to use copy modify and distribute this software and its documentation for any purpose without fee/,
    holds: ['without a written agreement is hereby granted', 'has no obligations to provide maintenance'],
    longest: 990,
  },
  ...[
    {
      id: 'agpl-3.0',
      title: 'gnu affero general public license version 3 19 november 2007',
      longest: 33_400,
    },
    { id: 'lgpl-3.0', title: 'gnu lesser general public license version 3 29 june 2007', longest: 7400 },
    { id: 'gpl-3.0', title: 'gnu general public license version 3 29 june 2007', longest: 33_950 },
    { id: 'gpl-2.0', title: 'gnu general public license version 2 june 1991', longest: 17_100 },
  ].map(({ id, title, longest }) => ({
    id,
    begins: new RegExp(title),
    holds: ['everyone is permitted to copy and distribute verbatim copies of this license document'],
    longest,
  })),
  {
    // It adds to the GPL, whose text may follow in the same file.
    id: 'lgpl-3.0',
    begins: /gnu lesser general public license version 3 29 june 2007/,
    holds: ['gnu general public license version 3 29 june 2007', '17 interpretation of sections 15 and 16'],
    longest: 41_200,
  },
  {
    id: 'mpl-2.0',
    begins: /mozilla public license version 2.0/,
    holds: ['1 definitions', 'exhibit b incompatible with secondary licenses notice'],
    longest: 14_550,
  },
  {
    id: 'artistic-2.0',
    begins: /the artistic license 2.0/,
    holds: ['copyright c 2000 2006 the perl foundation', 'disclaimer of warranty'],
    longest: 8550,
  },
  {
    id: 'cc0-1.0',
    begins: /cc0 1.0 universal/,
    holds: ['statement of purpose', 'affirmer', 'public license fallback'],
    longest: 6850,
  },
  ...[
    {
      id: 'cc-by-nc-sa-4.0',
      name: 'attribution noncommercial sharealike 4.0 international',
      longest: 19_500,
    },
    { id: 'cc-by-nc-4.0', name: 'attribution noncommercial 4.0 international', longest: 18_200 },
    { id: 'cc-by-sa-4.0', name: 'attribution sharealike 4.0 international', longest: 18_900 },
    { id: 'cc-by-4.0', name: 'attribution 4.0 international', longest: 17_600 },
  ].map(({ id, name, longest }) => ({
    id,
    begins: new RegExp(`(?:^|creative commons (?:corporation )?|legal code )${name}`),
    holds: [`creative commons ${name} public license`, 'section 8 interpretation'],
    longest,
  })),
  ...[
    { id: 'cc-by-sa-3.0', name: 'attribution sharealike 3.0', longest: 20_900 },
    { id: 'cc-by-nc-3.0', name: 'attribution noncommercial 3.0', longest: 19_300 },
  ].map(({ id, name, longest }) => ({
    id,
    begins: new RegExp(`(?:^|creative commons |legal code )${name} unported`),
    holds: ['the work as defined below is provided under the terms of this creative commons public license'],
    longest,
  })),
  {
    id: 'wtfpl',
    begins: /do what the fuck you want to public license/,
    holds: ['you just do what the fuck you want to'],
    longest: 450,
  },
  {
    id: 'afl-3.0',
    begins: /academic free license( afl )? v(ersion )? ?3.0/,
    holds: ['licensed under the academic free license version 3.0', '15 right to use'],
    longest: 9900,
  },
  {
    id: 'ecl-2.0',
    begins: /educational community license version 2.0 april 2007/,
    holds: ['terms and conditions for use reproduction and distribution'],
    longest: 10_950,
  },
]
