import { words } from '../words.ts'

/**
 * License ids that Modelers takes, in a README as well as when a repo is created; any other is refused by the hook of a push.
 * Source: the hook of the hub's Gitea fork and merlin-server's checks, both of 2024; no later list was published.
 */
export const modelersLicenses: readonly string[] = words(`
  apache-2.0 mit cc-by-sa-3.0 afl-3.0 cc-by-sa-4.0 lgpl-3.0 lgpl-lr cc-by-nc-3.0 bsd-2-clause ecl-2.0
  cc-by-nc-sa-4.0 cc-by-nc-4.0 gpl-3.0 cc0-1.0 cc bsd-3-clause agpl-3.0 wtfpl artistic-2.0 postgresql
  gpl-2.0 isc eupl-1.1 pddl bsd-3-clause-clear mpl-2.0 odbl-1.0 cc-by-4.0 other`)
