"""Metadata made up for the scan's tests. Secrets are put together, so that no scanner of ours or of
others finds them in this repository."""

from collections.abc import Mapping

from apps.posture.scan.findings import Report
from apps.posture.scan.run import scan_files
from apps.posture.scan.sources import SourceFile

OPENAI_KEY = "sk-" + "proj-" + "Zb4kQ9" * 5
AWS_KEY = "AKIA" + "Q3EXBMMPL" + "7Z5T9KW"
RANDOM = "q9Vt" + "3Lx8" + "Zr2P" + "m6Ws"


def scanned(files: Mapping[str, str], *, gateways: tuple[str, ...] = ()) -> Report:
    """The report on files given as path and text."""
    sources = (SourceFile(path, text.encode()) for path, text in files.items())
    return scan_files(sources, gateways=gateways)


def told(report: Report) -> list[tuple[str, int]]:
    """Each finding as its rule and line."""
    return [(found.rule_id, found.place.line) for found in report.findings]


def xml(root: str, inside: str) -> str:
    """A metadata file."""
    space = "http://soap.sforce.com/2006/04/metadata"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{space}">\n{inside}\n</{root}>'
