"""One thing done by a hub's official client: hub_copy.py HUB create|upload|download REPO model|dataset [FOLDER]"""

import os
import sys

hub, verb, repo, kind = sys.argv[1:5]
folder = sys.argv[5] if verb != "create" else None


def huggingface():
    from huggingface_hub import HfApi

    api = HfApi()
    if verb == "download":
        return api.snapshot_download(repo, repo_type=kind, local_dir=folder)
    api.create_repo(repo, repo_type=kind, exist_ok=True)
    if verb == "create":
        return None
    return api.upload_folder(folder_path=folder, repo_id=repo, repo_type=kind)


def modelscope():
    from modelscope_hub import HubApi

    api = HubApi(token=os.environ["MODELSCOPE_API_TOKEN"])
    if verb == "download":
        return api.download_repo(repo, kind, local_dir=folder)
    api.create_repo(repo, kind, visibility="public", license="apache-2.0")
    if verb == "create":
        return None
    return api.upload_folder(repo, kind, folder, use_cache=False, disable_tqdm=True)


def modelers():
    import openmind_hub

    common = {"repo_id": repo, "token": os.environ["MODELERS_TOKEN"]}
    if verb == "download":
        # Without this, large files are links into its cache.
        return openmind_hub.snapshot_download(**common, repo_type=kind, local_dir=folder, local_dir_use_symlinks=False)
    openmind_hub.create_repo(**common, repo_type=kind, license="apache-2.0", exist_ok=True)
    if verb == "create":
        return None
    return openmind_hub.upload_folder(**common, folder_path=folder)


def gitcode():
    import atomgit_hub

    token = os.environ["GITCODE_TOKEN"]
    if verb == "download":
        return atomgit_hub.snapshot_download(repo, local_dir=folder, token=token)
    atomgit_hub.create_repository(repo, repo_type=kind, token=token)
    if verb == "create":
        return None
    return atomgit_hub.upload_folder(folder, repo, token=token)


{"huggingface": huggingface, "modelscope": modelscope, "modelers": modelers, "gitcode": gitcode}[hub]()
