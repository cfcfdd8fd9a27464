"""One thing done by a hub's official client: hub_copy.py huggingface|modelscope create|upload|download REPO model|dataset [FOLDER]"""

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


{"huggingface": huggingface, "modelscope": modelscope}[hub]()
