import { folderHub } from '../model/repo.ts'
import type { Hubs } from '../repos/hubs.ts'

/** Which ids of hubs mean the same hub, and how names are told apart there. */
export interface Sites {
  /** One text for all ids of a hub: several may have its address, each with a token of its own. */
  readonly siteOf: (hub: string) => string
  /** Whether models and datasets share one name space at a site. */
  readonly hasOneNameSpace: (site: string) => boolean
}

/** Sites by the addresses of repos; sends nothing. */
export function sitesOf(hubs: Hubs): Sites {
  const sites = new Map<string, string>()
  const shared = new Set<string>()
  const look = (hub: string) => {
    const site = hubs.repo({ hub, type: 'model', owner: 'o', name: 'n' }).cloneUrl ?? hub
    if (hubs.hub(hub).profile.oneNameSpace === true) shared.add(site)
    return site
  }
  return {
    siteOf: (hub) => {
      if (hub === folderHub) return hub
      const site = sites.get(hub) ?? look(hub)
      sites.set(hub, site)
      return site
    },
    hasOneNameSpace: (site) => shared.has(site),
  }
}
