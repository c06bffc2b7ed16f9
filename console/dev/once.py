"""`once`: the main job from start to end, on servers, ports and data of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from console.dev import house, ports
from console.dev.alone import alone
from console.dev.paths import data_directory, server_directory
from console.dev.progress import say


def once(arguments: Sequence[str]) -> int:
    """Run `manage.py main_job`, show its words, stop everything; the exit code is the job's."""
    keeper = data_directory("once")
    with alone(keeper, command="make once"):
        shutil.rmtree(keeper / "data", ignore_errors=True)
        data = keeper / "data"
        data.mkdir(mode=0o700)
        web, acme, globex, first, second = ports.free_ports(5)
        say("Starting Bailiwick for one run of the main job.")
        try:
            places = house.Ports(web=web, acme=acme, globex=globex, models=(first, second))
            with house.running(data, places) as home:
                job = ["main_job", "--console-url", home.url, *home.org_arguments(), *arguments]
                return home.stream(*job)
        finally:
            shutil.rmtree(server_directory(data), ignore_errors=True)
