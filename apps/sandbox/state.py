"""The directory that one sandbox keeps its org in."""

import contextlib
import fcntl
import tempfile
from collections.abc import Iterator
from pathlib import Path


class StateUnusable(Exception):
    """The state directory cannot be used, with the reason in one sentence."""


@contextlib.contextmanager
def state_directory(wanted: Path | None, *, org_key: str) -> Iterator[Path]:
    """The wanted directory, held against other sandboxes of this org, or a private one.

    Raises StateUnusable."""
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="sandbox-org-") as private:
            yield Path(private)
        return
    try:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (wanted / f"{org_key}.lock").open("w")
    except OSError as error:
        raise StateUnusable(f"--state {wanted} cannot be written: {error.strerror}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            message = f"--state {wanted} is in use by another sandbox of the org {org_key}."
            raise StateUnusable(message) from error
        yield wanted
