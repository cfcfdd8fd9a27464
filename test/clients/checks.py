"""What the client scripts share: one JSON line on stdout per check, and content to upload."""

import hashlib
import json
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def check(name):
    """Times what happens inside and prints whether it held; a failure ends the script, for the next checks build on it."""
    started = time.monotonic()

    def tell(ok, why=""):
        line = {"name": name, "ok": ok, "why": why, "seconds": time.monotonic() - started}
        print(json.dumps(line), flush=True)

    try:
        yield
    except Exception as error:
        tell(False, f"{type(error).__name__}: {error}")
        raise SystemExit(1) from error
    tell(True)


def expect(actual, wanted, what):
    if actual != wanted:
        raise AssertionError(f"{what}: got {actual!r}, wanted {wanted!r}")


def problem_of(act, *args, **kwargs):
    """What a call says that must not go well; empty if it does."""
    try:
        act(*args, **kwargs)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def pseudo_random(size, seed):
    """`size` bytes that look random, the same for the same seed."""
    return hashlib.shake_128(seed.encode()).digest(size)


def write_tree(folder, files):
    for path, content in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(files):
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


def digests_of(folder, paths):
    """SHA-256 of the named files of a folder; None for one that is not there."""
    found = {path: Path(folder, path) for path in paths}
    return {path: sha256(file) if file.is_file() else None for path, file in found.items()}
