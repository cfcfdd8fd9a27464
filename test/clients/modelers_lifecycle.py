"""openmind_hub creates, fills, lists, reads and deletes a repo: modelers_lifecycle.py model|dataset BYTES_OF_A_MULTIPART_FILE"""

import os
import sys
import tempfile

from checks import check, digests, digests_of, expect, problem_of, pseudo_random, sha256, write_tree
from openmind_hub import CommitOperationDelete, OmApi, om_hub_download, snapshot_download

kind, multipart_size = sys.argv[1], int(sys.argv[2])
token = os.environ["MODELERS_TOKEN"]
api = OmApi(token=token)
me = api.whoami()["username"]
repo = f"{me}/client-{kind}"
about = f"openmind_hub, {kind}:"

small = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# A small repo\n",
    "config.json": b'{"model_type": "bert"}\n',
    "sub folder/deep/notes.txt": b"some notes\n",
    "empty.txt": b"",
}
lfs = {"weights/model.safetensors": pseudo_random(3_000_001, "lfs"), "weights/copy.bin": pseudo_random(12_345, "bin")}
multipart = {"big.bin": pseudo_random(multipart_size, "multipart")}
everything = {**small, **lfs, **multipart}


def info(name, token=token):
    """Its API falls back on the token it was made with."""
    asked = OmApi(token=token)
    return asked.model_info(name) if kind == "model" else asked.dataset_info(name)


def is_hidden(name, token=token):
    return problem_of(info, name, token).startswith("RepositoryNotFoundError")


with check(f"{about} create, and again"):
    for exist_ok in [False, True]:
        api.create_repo(repo, repo_type=kind, token=token, license="apache-2.0", exist_ok=exist_ok)

with check(f"{about} upload one small file"):
    api.upload_file(path_or_fileobj=small["README.md"], path_in_repo="README.md", repo_id=repo, token=token)

with check(f"{about} upload a folder with small and LFS files"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, {**small, **lfs})
    api.upload_folder(repo_id=repo, folder_path=folder, token=token, commit_message="A folder")

with check(f"{about} upload an LFS file of {multipart_size} bytes in parts"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, multipart)
    api.upload_file(path_or_fileobj=f"{folder}/big.bin", path_in_repo="big.bin", repo_id=repo, token=token)

with check(f"{about} list owner and files"):
    list_repos = api.list_models if kind == "model" else api.list_datasets
    number = info(repo).id
    expect(number in [found.id for found in list_repos(author=me, token=token)], True, "the owner's list has the repo")
    listed = api.list_repo_tree(repo, recursive=True, token=token)
    entries = {item.path: item for item in listed if hasattr(item, "size")}
    expect({path: entries[path].size for path in everything}, {p: len(c) for p, c in everything.items()}, "sizes")
    found = {path: entries[path].lfs["sha256"] for path in {**lfs, **multipart}}
    expect(found, digests({**lfs, **multipart}), "digests of the LFS files")

with check(f"{about} download a file and a snapshot, equal by SHA-256"), tempfile.TemporaryDirectory() as folder:
    one = om_hub_download(repo_id=repo, filename="weights/model.safetensors", repo_type=kind, token=token)
    expect(sha256(one), digests(lfs)["weights/model.safetensors"], "one file")
    copy = {"local_dir": folder, "local_dir_use_symlinks": False}
    snapshot_download(repo_id=repo, repo_type=kind, token=token, **copy)
    expect(digests_of(folder, everything), digests(everything), "snapshot")

with check(f"{about} a private repo is hidden from others"):
    private = f"{repo}-private"
    api.create_repo(private, repo_type=kind, token=token, license="apache-2.0", private=True)
    expect(info(private).private, True, "private")
    expect([is_hidden(private, None), is_hidden(repo, None)], [True, False], "what is hidden from those without a token")

with check(f"{about} delete a file, then the repos"):
    deletion = [CommitOperationDelete("config.json")]
    api.create_commit(repo_id=repo, operations=deletion, commit_message="Delete", token=token)
    left = [item.path for item in api.list_repo_tree(repo, token=token)]
    expect("config.json" in left, False, "the deleted file is listed")
    for name in [repo, f"{repo}-private"]:
        api.delete_repo(name, repo_type=kind, token=token)
        expect(is_hidden(name), True, "it is gone after delete_repo")
