import { expect, it } from 'vitest'
import { sitesOf } from '../../../src/planning/sites.ts'
import { openHubs } from '../../../src/repos/hubs.ts'
import { settingsOf, testContext } from '../hubs/settings.ts'

it('ids with one address are one site, and each site knows whether a name is one repo', async () => {
  const home = 'https://hub.example.org'
  const settings = new Map([
    ['a', { ...settingsOf('huggingface', home), id: 'a' }],
    ['b', { ...settingsOf('huggingface', home, { token: 'another' }), id: 'b' }],
    ['c', { ...settingsOf('huggingface', 'https://other.example.org'), id: 'c' }],
    ['d', { ...settingsOf('git', `${home}/scm`), id: 'd' }],
    ['e', { ...settingsOf('git', `${home}/git`), id: 'e' }],
  ])
  const { siteOf, hasOneNameSpace } = sitesOf(await openHubs(testContext(), settings))
  expect(siteOf('a')).toBe(siteOf('b'))
  expect(new Set(['a', 'c', 'd', 'e', 'dir'].map(siteOf)).size).toBe(5)
  expect(['a', 'd', 'dir'].map((hub) => hasOneNameSpace(siteOf(hub)))).toEqual([false, true, false])
})
