"""`shell`: a Django command, by default the shell, on the demo's servers."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from console.dev import environment, processes, servers, syslibs
from console.dev.paths import PROJECT, data_directory
from console.dev.progress import say


def shell(arguments: Sequence[str]) -> int:
    """Run `manage.py ARGUMENTS`; servers that are not running run as long as the command."""
    data = data_directory()
    with servers.running(data) as addresses:
        libraries = syslibs.ensure(say=say)
        env = environment.for_children(addresses, data=data, libraries=libraries)
        command = [*processes.MANAGE, *(arguments or ["shell"])]
        return subprocess.run(command, cwd=PROJECT, env=env, check=False).returncode
