"""`test`, `bench` and `soak`: pytest on servers that live as long as the run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from console.dev import environment, measurements, servers, steps, syslibs
from console.dev.paths import PROJECT, data_directory
from console.dev.progress import say
from console.dev.template import template_database


def test(arguments: Sequence[str]) -> int:
    """With arguments only pytest; without them every check first, and then all tests."""
    return _with_servers(arguments or None)


def bench(arguments: Sequence[str]) -> int:
    """Measure, print the table and keep it in var/bench.json."""
    results = data_directory() / "bench.json"
    results.unlink(missing_ok=True)
    code = _with_servers(["tests/bench", "-m", "bench", "--timeout=0", *arguments])
    print(measurements.table(results))
    print(f"kept in {results.relative_to(PROJECT) if results.is_relative_to(PROJECT) else results}")
    return code


def soak(arguments: Sequence[str]) -> int:
    """The long runs."""
    return _with_servers(["-m", "soak", "--timeout=0", *arguments])


def lint(arguments: Sequence[str]) -> int:
    """Style, types and import contracts; needs no servers."""
    return 1 if steps.run_all(steps.LINT, {**os.environ, "TZ": "UTC"}) else 0


def _with_servers(pytest_arguments: Sequence[str] | None) -> int:
    data = data_directory("test")
    (data / "static").mkdir(exist_ok=True)  # WhiteNoise warns at every client without it
    libraries = syslibs.ensure(say=say)
    with servers.throw_away() as addresses:
        env = environment.for_children(addresses, data=data, libraries=libraries)
        env["DATABASE_ADMIN_URL"] = addresses.database.admin  # tests tamper as a superuser would
        # Some fifty processes of a run read the same sources: compiled once, not in each.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env["BAILIWICK_BENCH"] = str(data_directory() / "bench.json")
        if pytest_arguments:
            return _on_a_template(addresses, pytest_arguments, env)
        with steps.beside(steps.TYPES, env) as types_are_right:  # the longest of them
            failures = steps.run_all((*steps.STYLE, *steps.DJANGO), env)
            code = _on_a_template(addresses, _side_by_side(), env)
            failures += not types_are_right()
        return code or (1 if failures else 0)


def _on_a_template(
    addresses: servers.Addresses, pytest_arguments: Sequence[str], env: dict[str, str]
) -> int:
    with template_database(addresses.database, env) as template:
        return _pytest(pytest_arguments, {**env, "TEST_DATABASE_TEMPLATE": template})


def _side_by_side() -> list[str]:
    """Four processes even on two cores (much of a test is waiting), a file never split between
    them, and files in the order of their collection: browser tests last (see tests/conftest.py)."""
    return ["-n", "4", "--dist", "loadfile", "--no-loadscope-reorder"]


def _pytest(arguments: Sequence[str], env: dict[str, str]) -> int:
    program = str(Path(sys.executable).with_name("pytest"))
    return subprocess.run([program, *arguments], cwd=PROJECT, env=env, check=False).returncode
