"""The scan on a command line. Exit codes: 0 clean, 1 findings, 2 could not read."""

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from pathlib import Path

from .run import CannotRead, scan
from .sarif import to_sarif
from .told import lines_of

CLEAN, FINDINGS, UNREADABLE = 0, 1, 2
VERSION = "1.0.0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both ways of starting the scan understand."""
    parser.add_argument("path", type=Path, help="a folder or a zip of metadata, in either format")
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="write SARIF 2.1.0 as well")
    parser.add_argument(
        "--gateway", action="append", default=[], metavar="HOST", help="a host of your own gateway"
    )


def main(arguments: Sequence[str]) -> int:
    """Scan and say what was found; the exit code."""
    parser = argparse.ArgumentParser(prog="scan", description=__doc__)
    add_arguments(parser)
    given = parser.parse_args(arguments)
    return run(given.path, sarif=given.sarif, gateways=given.gateway)


def run(path: Path, *, sarif: Path | None, gateways: Sequence[str]) -> int:
    """Scan and print; the exit code. What could not be read in part counts as a finding."""
    try:
        report = scan(path, gateways=gateways)
    except (CannotRead, OSError) as failure:
        print(f"The scan could not be made: {failure}", file=sys.stderr)
        return UNREADABLE
    if not report.files:
        print(f"There is no metadata in {path}.", file=sys.stderr)
        return UNREADABLE
    _print(lines_of(report))
    if sarif is not None:
        try:
            sarif.write_text(to_sarif(report, version=VERSION), encoding="utf-8")
        except OSError as failure:
            print(f"{sarif} could not be written: {failure.strerror}.", file=sys.stderr)
            return UNREADABLE
    return FINDINGS if report.findings else CLEAN


def _print(lines: Iterable[str]) -> None:
    """Print; whoever stops reading (`| head`) has read enough."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in lines:
            print(line)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
