"""Make `.venv` hold exactly what a lock file names. Run by any python3, without the project.

    python3 console/dev/bootstrap.py requirements.txt

uv does it in seconds; where uv cannot be had, pip installs the same hashed file. Written so that an
old Python can read it, because its first duty is to say that it is too old.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import subprocess
import sys

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UV = os.path.join(PROJECT, ".uv", "bin", "uv")
VENV = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, ".locks")  # hashes of the lock files this venv satisfies
DEV_LOCK = "requirements-dev.txt"  # includes everything of requirements.txt
FULL = "The disk is full: free some space and try again."
FREE_BYTES = {"requirements.txt": 700 * 2**20, DEV_LOCK: 1200 * 2**20}


def problem_here(lock: str) -> str | None:
    """A sentence for what is missing on this machine, or None."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the place that says so
        version = ".".join(str(part) for part in sys.version_info[:3])
        return (
            f"Python 3.11 or newer is needed, {sys.executable} is {version}: "
            "make PY=python3.11 (or newer)."
        )
    try:
        import ensurepip  # noqa: F401, PLC0415 - the question is whether it is there
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return (
            "Python's venv module is missing; as root: apt-get install python3-venv "
            "(or use a Python that has venv and ensurepip: make PY=...)."
        )
    free, needed = shutil.disk_usage(PROJECT).free, FREE_BYTES.get(lock, 0)
    if free < needed:
        return (
            f"The disk is too full: {free // 2**20} MB free below {PROJECT}, "
            f"about {needed // 2**20} MB are needed."
        )
    return None


def digest(lock: str) -> str:
    """The hash of a lock file's content."""
    with open(os.path.join(PROJECT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_current(lock: str) -> bool:
    """Whether `.venv` already holds this lock, by itself or inside the development lock."""
    try:
        with open(STAMP) as file:
            held = set(file.read().split())
    except OSError:
        return False
    works = subprocess.call([PYTHON, "-c", "pass"], stderr=subprocess.DEVNULL) == 0
    return works and bool(held & {digest(lock), digest(DEV_LOCK)})


def have_uv() -> bool:
    """Install uv into its own `.uv` if it is not there; False if it cannot be had."""
    if os.path.exists(UV) and os.path.exists(os.path.join(PROJECT, ".uv", ".ok")):
        return True
    pip = os.path.join(PROJECT, ".uv", "bin", "pip")
    lock = os.path.join(PROJECT, "requirements-uv.txt")
    try:
        subprocess.check_call([sys.executable, "-m", "venv", os.path.join(PROJECT, ".uv")])
        subprocess.check_call([pip, "install", "-q", "--require-hashes", "-r", lock])
    except subprocess.CalledProcessError:
        return False
    open(os.path.join(PROJECT, ".uv", ".ok"), "w").close()
    return True


def fill(lock: str) -> None:
    """Install the lock: with uv, which also removes what is not named, or else with pip."""
    path = os.path.join(PROJECT, lock)
    if have_uv():
        make = [UV, "venv", "-q", "-p", sys.executable, "--allow-existing", VENV]
        sync = [UV, "pip", "sync", "-q", "-p", PYTHON, "--require-hashes", path]
        if subprocess.call(make) == 0 and subprocess.call(sync) == 0:
            return
        print("uv did not finish; trying pip, which takes a minute or two.", flush=True)
    else:
        print("uv cannot be had here; using pip, which takes a minute or two.", flush=True)
    subprocess.check_call([sys.executable, "-m", "venv", "--upgrade-deps", VENV])
    subprocess.check_call([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", path])


def main(lock: str) -> None:
    """Bring `.venv` up to date, or end with one sentence saying what is in the way."""
    if os.path.exists(STAMP) and sys.version_info >= (3, 11) and is_current(lock):
        return
    problem = problem_here(lock)
    if problem:
        sys.exit(problem)
    print(f"Installing {lock} into .venv ...", flush=True)
    try:
        fill(lock)
        with open(STAMP, "w") as file:
            file.write(digest(lock) + "\n")
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as failure:
        sys.exit(FULL if failure.errno == errno.ENOSPC else str(failure))
    except subprocess.CalledProcessError:
        if shutil.disk_usage(PROJECT).free < 50 * 2**20:
            sys.exit(FULL)
        sys.exit(
            f"The packages of {lock} could not be installed; the reason is above "
            "(the package index must be reachable)."
        )


if __name__ == "__main__":
    main(sys.argv[1])
