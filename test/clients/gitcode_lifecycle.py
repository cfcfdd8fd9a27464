"""atomgit fills, lists, reads and deletes a repo of GitCode: gitcode_lifecycle.py model|dataset BYTES_OF_A_MULTIPART_FILE"""

import json
import os
import sys
import tempfile
from urllib.request import Request, urlopen

from checks import check, digests, digests_of, expect, problem_of, pseudo_random, sha256, write_tree

kind, multipart_size = sys.argv[1], int(sys.argv[2])
endpoint, token = os.environ["HF_ENDPOINT"], os.environ["GITCODE_TOKEN"]

import atomgit_hub  # noqa: E402
from huggingface_hub import HfApi  # noqa: E402

# The package sets it to the live host, and reads it at every call.
os.environ["HF_ENDPOINT"] = endpoint
repo = f"{os.environ['GITCODE_USERNAME']}/client-{kind}"
about = f"atomgit, {kind}:"
api = HfApi(endpoint=endpoint, token=token)  # for what atomgit has no function

small = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# A small repo\n",
    "config.json": b'{"model_type": "bert"}\n',
    "sub folder/deep/notes.txt": b"some notes\n",
    "empty.txt": b"",
}
lfs = {"weights/model.safetensors": pseudo_random(3_000_001, "lfs"), "weights/copy.bin": pseudo_random(12_345, "bin")}
multipart = {"big.bin": pseudo_random(multipart_size, "multipart")}
everything = {**small, **lfs, **multipart}


def create():
    return atomgit_hub.create_repository(repo, token=token, repo_type=kind)


def create_by_v5():
    body = json.dumps({"name": repo.split("/")[1], "private": False, "repository_type": kind}).encode()
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json", "User-Agent": "atomgit-cli"}
    with urlopen(Request(f"{endpoint}/api/v5/user/repos", body, headers)) as answer:
        expect(answer.status in [200, 201], True, "created")


if kind == "model":
    with check(f"{about} create, and again"):
        create()
        expect("已存在" in problem_of(create), True, "it exists")
        atomgit_hub.create_repository(repo, token=token, exist_ok=True)

    with check(f"{about} the hub makes it private, whatever was asked for"):
        told = problem_of(atomgit_hub.snapshot_download, repo, local_dir=tempfile.mkdtemp())
        expect("私有" in told or "404" in told or "不存在" in told, True, f"refused without a token: {told}")
else:
    with check(f"{about} the hub does not let it create one; made by its V5 API"):
        expect("401" in problem_of(create), True, "refused")
        create_by_v5()

with check(f"{about} upload a folder with small and LFS files"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, {**small, **lfs})
    atomgit_hub.upload_folder(folder, repo, token=token, commit_message="A folder")

with check(f"{about} upload an LFS file of {multipart_size} bytes in parts"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, multipart)
    atomgit_hub.upload_folder(folder, repo, token=token)

with check(f"{about} list files"):
    entries = {item.path: item for item in api.list_repo_tree(repo, recursive=True) if hasattr(item, "size")}
    expect({path: entries[path].size for path in everything}, {p: len(c) for p, c in everything.items()}, "sizes")
    listed = {path: entries[path].lfs.sha256 for path in {**lfs, **multipart}}
    expect(listed, digests({**lfs, **multipart}), "digests of the LFS files")

with check(f"{about} download a file and a snapshot, equal by SHA-256"), tempfile.TemporaryDirectory() as folder:
    one = atomgit_hub.download_file(repo, "weights/model.safetensors", local_dir=f"{folder}/one", token=token)
    expect(sha256(one), digests(lfs)["weights/model.safetensors"], "one file")
    atomgit_hub.snapshot_download(repo, local_dir=f"{folder}/all", token=token)
    expect(digests_of(f"{folder}/all", everything), digests(everything), "snapshot")

with check(f"{about} delete a file, then the repo"):
    api.delete_file("config.json", repo)
    expect("config.json" in api.list_repo_files(repo), False, "the deleted file is listed")
    api.delete_repo(repo, repo_type=kind)
    expect("404" in problem_of(api.list_repo_files, repo), True, "it is gone after delete_repo")
