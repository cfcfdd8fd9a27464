"""modelscope_hub creates, fills, lists, reads and deletes a repo: modelscope_lifecycle.py model|dataset BYTES_OF_A_LARGE_FILE"""

import os
import sys
import tempfile
import warnings

from checks import check, digests, digests_of, expect, pseudo_random, sha256, write_tree
from modelscope_hub import HubApi

warnings.simplefilter("ignore", DeprecationWarning)  # delete_repo: "use the web console", yet it works with an admin token
kind, large_size = sys.argv[1], int(sys.argv[2])
api = HubApi(token=os.environ.pop("MODELSCOPE_API_TOKEN"))
me = api.whoami().username
repo = f"{me}/client-{kind}"
about = f"modelscope_hub, {kind}:"

small = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# A small repo\n",
    "config.json": b'{"model_type": "bert"}\n',
    "sub folder/deep/notes.txt": b"some notes\n",
    "empty.txt": b"",
}
lfs = {"weights/model.safetensors": pseudo_random(3_000_001, "lfs"), "weights/copy.bin": pseudo_random(12_345, "bin")}
large = {"big.bin": pseudo_random(large_size, "large")}
everything = {**small, **lfs, **large}

with check(f"{about} create"):
    api.create_repo(repo, kind, visibility="public", license="apache-2.0")
    expect(api.repo_exists(repo, kind), True, "repo_exists")

with check(f"{about} upload one small file"):
    api.upload_file(repo, kind, small["README.md"], "README.md", disable_tqdm=True)

with check(f"{about} upload a folder with small and LFS files"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, {**small, **lfs})
    api.upload_folder(repo, kind, folder, commit_message="A folder", use_cache=False, disable_tqdm=True)

with check(f"{about} upload an LFS file of {large_size} bytes (one PUT: this hub knows no parts)"):
    api.upload_file(repo, kind, large["big.bin"], "big.bin", disable_tqdm=True)

with check(f"{about} list owner, files and revisions"):
    expect(repo in [info.id for info in api.list_repos(kind, owner=me, page_size=50).items], True, "the owner's list has the repo")
    entries = {file.path: file for file in api.list_repo_files(repo, kind)}
    expect({path: entries[path].size for path in everything}, {p: len(c) for p, c in everything.items()}, "sizes")
    expect("master" in str(api.list_repo_revisions(repo, kind)), True, "master is a revision")

with check(f"{about} download a file and a repo, equal by SHA-256"), tempfile.TemporaryDirectory() as folder:
    one = api.download_file(repo, kind, "weights/model.safetensors", local_dir=f"{folder}/one")
    expect(sha256(one), digests(lfs)["weights/model.safetensors"], "one file")
    api.download_repo(repo, kind, local_dir=f"{folder}/all")
    expect(digests_of(f"{folder}/all", everything), digests(everything), "repo")

with check(f"{about} a private repo is hidden from others"):
    api.create_repo(f"{repo}-private", kind, visibility="private", license="apache-2.0")
    expect(api.repo_exists(f"{repo}-private", kind), True, "repo_exists for the owner")
    anyone = HubApi(token="")
    expect(anyone.repo_exists(f"{repo}-private", kind), False, "repo_exists of the private one without a token")
    expect(anyone.repo_exists(repo, kind), True, "repo_exists of the public one without a token")

with check(f"{about} delete a file, then the repos"):
    api.delete_files(repo, kind, ["config.json"])
    expect("config.json" in [file.path for file in api.list_repo_files(repo, kind)], False, "the deleted file is listed")
    for name in [repo, f"{repo}-private"]:
        api.delete_repo(name, kind)
        expect(api.repo_exists(name, kind), False, "repo_exists after delete_repo")
