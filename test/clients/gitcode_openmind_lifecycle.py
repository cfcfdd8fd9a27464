"""gitcode, the older client of GitCode, fills, reads and deletes a repo: gitcode_openmind_lifecycle.py model|dataset BYTES_OF_A_MULTIPART_FILE"""

import os
import sys
import tempfile

from checks import check, digests, digests_of, expect, problem_of, pseudo_random, sha256, write_tree

import gitcode_hub  # before openmind_hub: it says where that one goes
from openmind_hub import OmApi

kind, multipart_size = sys.argv[1], int(sys.argv[2])
token = os.environ["GITCODE_TOKEN"]
repo = f"{os.environ['GITCODE_USERNAME']}/client-openmind-{kind}"
about = f"gitcode, {kind}:"
api = OmApi(token=token)  # for what gitcode has no function

everything = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# A small repo\n",
    "sub folder/deep/notes.txt": b"some notes\n",
    "empty.txt": b"",
    "weights/model.safetensors": pseudo_random(3_000_001, "lfs"),
    "big.bin": pseudo_random(multipart_size, "multipart"),
}

with check(f"{about} create"):
    gitcode_hub.create_repository(repo, token=token, repo_type=kind)

with check(f"{about} upload a folder with small, LFS and multipart files"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, everything)
    gitcode_hub.upload_folder(folder, repo, token=token, commit_message="A folder")

with check(f"{about} list files"):
    sizes = {item.path: item.size for item in api.list_repo_tree(repo, recursive=True, token=token) if hasattr(item, "size")}
    expect({path: sizes[path] for path in everything}, {p: len(c) for p, c in everything.items()}, "sizes")

with check(f"{about} download a file and a snapshot, equal by SHA-256"), tempfile.TemporaryDirectory() as folder:
    one = gitcode_hub.download_file(repo, "weights/model.safetensors", token=token)
    expect(sha256(one), digests(everything)["weights/model.safetensors"], "one file")
    gitcode_hub.snapshot_download(repo, local_dir=folder, local_dir_use_symlinks=False, token=token)
    expect(digests_of(folder, everything), digests(everything), "snapshot")

with check(f"{about} delete the repo"):
    api.delete_repo(repo, repo_type=kind, token=token)
    told = problem_of(lambda: list(api.list_repo_tree(repo, token=token)))
    expect("not_found" in told, True, f"it is gone after delete_repo: {told}")
