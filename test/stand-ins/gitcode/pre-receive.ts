export interface PushRules {
  /** Largest plain blob. */
  readonly maxBytes: number
  /** The same, for the message. */
  readonly maxMegabytes: number
  readonly denyForce: boolean
  /** Folder of the LFS objects that count as there: flat, or in two levels of folders. */
  readonly objects: string
  readonly isFlat: boolean
}

/** What the live hub says to a push of pointers whose objects it has not. */
export const missingObjects =
  'GitCode: LFS objects are missing. Ensure LFS is properly setup or try a manual: git lfs push --all'

/** The hook: looks at every new object of a push, not only at the tip. (githooks(5)) */
export function preReceive(rules: PushRules): string {
  const folder = rules.isFlat ? '$oid' : '$(echo "$oid" | cut -c1-2)/$(echo "$oid" | cut -c3-4)/$oid'
  return `#!/bin/sh
refuse() { echo "$1" >&2; exit 1; }
objects=${shellQuoted(rules.objects)}
while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  case "$old" in
    *[!0]*) if [ ${rules.denyForce ? 1 : 0} = 1 ] && ! git merge-base --is-ancestor "$old" "$new"; then
      refuse 'GitCode: You are not allowed to force push code to a protected branch on this project.'
    fi ;;
  esac
  blobs=$(git rev-list --objects "$new" --not --all | cut -d' ' -f1 |
    git cat-file --batch-check='%(objecttype) %(objectsize) %(objectname)' | grep '^blob ')
  large=$(echo "$blobs" | awk '$2 > ${rules.maxBytes} { print $3; exit }')
  if [ -n "$large" ]; then
    refuse "GitCode: File \\"$large\\" is larger than the allowed size of ${rules.maxMegabytes} MB. Use Git LFS to manage this file."
  fi
  for oid in $(echo "$blobs" | awk '$2 > 0 && $2 <= 1024 { print $3 }' | git cat-file --batch |
    LC_ALL=C awk '/^version https:\\/\\/git-lfs/ { after = 1; next }
      after && /^oid sha256:/ { print substr($2, 8) }
      { after = 0 }'); do
    [ -f "$objects/${folder}" ] || refuse '${missingObjects}'
  done
done
`
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
