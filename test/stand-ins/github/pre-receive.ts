import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { linksFolder } from '../core/lfs-links.ts'
import type { StoredRepo } from '../core/store.ts'
import type { Settings } from './options.ts'

/** Makes a bare repo refuse what GitHub refuses: large blobs (GH001) and pointers without their objects (GH008). (githooks(5)) */
export async function installHook(repo: StoredRepo, { maxBlobSize }: Settings): Promise<void> {
  await mkdir(join(repo.gitDir, 'hooks'), { recursive: true })
  const script = preReceive(maxBlobSize, linksFolder(repo))
  await writeFile(join(repo.gitDir, 'hooks', 'pre-receive'), script, { mode: 0o755 })
}

/** Looks at every new object of a push, not only at the tip. Words: git-lfs issue 3231 (GH008), GitHub's documentation (GH001). */
function preReceive(maxBytes: number, objects: string): string {
  return `#!/bin/sh
objects=${shellQuoted(objects)}
while read -r old new ref; do
  case "$new" in *[!0]*) ;; *) continue ;; esac
  blobs=$(git rev-list --objects "$new" --not --all | cut -d' ' -f1 |
    git cat-file --batch-check='%(objecttype) %(objectsize) %(objectname)' | grep '^blob ')
  large=$(echo "$blobs" | awk '$2 > ${maxBytes} { print $3; exit }')
  if [ -n "$large" ]; then
    echo 'error: Trace: 0000000000000000000000000000000000000000000000000000000000000000' >&2
    echo "error: File $large exceeds GitHub's file size limit of ${(maxBytes / 1024 ** 2).toFixed(2)} MB" >&2
    echo 'error: GH001: Large files detected. You may want to try Git Large File Storage - https://git-lfs.github.com.' >&2
    exit 1
  fi
  missing=
  for oid in $(echo "$blobs" | awk '$2 > 0 && $2 <= 1024 { print $3 }' | git cat-file --batch |
    LC_ALL=C awk '/^version https:\\/\\/git-lfs/ { after = 1; next }
      after && /^oid sha256:/ { print substr($2, 8) }
      { after = 0 }'); do
    [ -f "$objects/$oid" ] || missing="$missing $oid"
  done
  if [ -n "$missing" ]; then
    set -- $missing
    echo "error: GH008: Your push referenced at least $# unknown Git LFS objects:" >&2
    for oid in "$@"; do echo "    $oid" >&2; done
    echo "Try to push them with 'git lfs push --all'." >&2
    exit 1
  fi
done
`
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
