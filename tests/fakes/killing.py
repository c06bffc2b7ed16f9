"""Work in a process of its own that gets SIGKILL in the middle."""

import os
import signal
from collections.abc import Callable
from typing import NoReturn

from django.db import connection as database


def die(*_: object, **__: object) -> NoReturn:
    """End this process without a word, as the kernel does."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def forked(work: Callable[[], None]) -> int:
    """Begin the work in another process; its id."""
    database.close()  # a line to the database is never shared by two processes
    child = os.fork()
    if child:
        return child
    failed = 1
    try:
        work()
        failed = 0
    finally:
        os._exit(failed)


def waited(child: int) -> int:
    """How it ended, as `os.waitpid` tells."""
    return os.waitpid(child, 0)[1]


def require_killed(work: Callable[[], None], *, moment: str) -> None:
    """Do the work in a process that has to be killed while it does it."""
    status = waited(forked(work))
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, moment
