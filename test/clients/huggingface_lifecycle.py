"""huggingface_hub creates, fills, lists, reads and deletes a repo: huggingface_lifecycle.py model|dataset BYTES_OF_A_MULTIPART_FILE"""

import sys
import tempfile

from checks import check, digests, digests_of, expect, pseudo_random, write_tree
from huggingface_hub import HfApi

kind, multipart_size = sys.argv[1], int(sys.argv[2])
api = HfApi()
me = api.whoami()["name"]
repo = f"{me}/client-{kind}"
about = f"huggingface_hub, {kind}:"

small = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# A small repo\n",
    "config.json": b'{"model_type": "bert"}\n',
    "sub folder/deep/notes.txt": b"some notes\n",
    "empty.txt": b"",
}
lfs = {"weights/model.safetensors": pseudo_random(3_000_001, "lfs"), "weights/copy.bin": pseudo_random(12_345, "bin")}
multipart = {"big.bin": pseudo_random(multipart_size, "multipart")}
everything = {**small, **lfs, **multipart}

with check(f"{about} create, and again"):
    api.create_repo(repo, repo_type=kind)
    api.create_repo(repo, repo_type=kind, exist_ok=True)
    expect(api.repo_exists(repo, repo_type=kind), True, "repo_exists")

with check(f"{about} upload one small file"):
    first = small["README.md"]
    api.upload_file(path_or_fileobj=first, path_in_repo="README.md", repo_id=repo, repo_type=kind)

with check(f"{about} upload a folder with small and LFS files"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, {**small, **lfs})
    api.upload_folder(folder_path=folder, repo_id=repo, repo_type=kind, commit_message="A folder")

with check(f"{about} upload an LFS file of {multipart_size} bytes in parts"), tempfile.TemporaryDirectory() as folder:
    write_tree(folder, multipart)
    api.upload_file(path_or_fileobj=f"{folder}/big.bin", path_in_repo="big.bin", repo_id=repo, repo_type=kind)

with check(f"{about} list owner, files, commits and refs"):
    list_repos = api.list_models if kind == "model" else api.list_datasets
    expect(repo in [info.id for info in list_repos(author=me)], True, "the owner's list has the repo")
    entries = {item.path: item for item in api.list_repo_tree(repo, repo_type=kind, recursive=True) if hasattr(item, "size")}
    expect({path: entries[path].size for path in everything}, {p: len(c) for p, c in everything.items()}, "sizes")
    listed = {path: entries[path].lfs.sha256 for path in {**lfs, **multipart}}
    expect(listed, digests({**lfs, **multipart}), "digests of the LFS files")
    expect(api.list_repo_commits(repo, repo_type=kind)[1].title, "A folder", "title of the last but one commit")
    expect([ref.name for ref in api.list_repo_refs(repo, repo_type=kind).branches], ["main"], "branches")

with check(f"{about} download a file and a snapshot, equal by SHA-256"), tempfile.TemporaryDirectory() as folder:
    api.hf_hub_download(repo, "weights/model.safetensors", repo_type=kind, local_dir=f"{folder}/one")
    api.snapshot_download(repo, repo_type=kind, local_dir=f"{folder}/all")
    expect(digests_of(f"{folder}/one", ["weights/model.safetensors"]), digests({k: v for k, v in lfs.items() if "model" in k}), "one file")
    expect(digests_of(f"{folder}/all", everything), digests(everything), "snapshot")

with check(f"{about} a private repo is hidden from others"):
    api.create_repo(f"{repo}-private", repo_type=kind, private=True)
    expect(api.repo_info(f"{repo}-private", repo_type=kind).private, True, "private")
    anyone = HfApi(token=False)
    expect(anyone.repo_exists(f"{repo}-private", repo_type=kind), False, "repo_exists of the private one without a token")
    expect(anyone.repo_exists(repo, repo_type=kind), True, "repo_exists of the public one without a token")

with check(f"{about} delete a file, then the repos"):
    api.delete_file("config.json", repo, repo_type=kind)
    expect("config.json" in api.list_repo_files(repo, repo_type=kind), False, "the deleted file is listed")
    for name in [repo, f"{repo}-private"]:
        api.delete_repo(name, repo_type=kind)
        expect(api.repo_exists(name, repo_type=kind), False, "repo_exists after delete_repo")
