"""The command: ``python -m apps.evidence.verify PACK.pdf [--trust root.pem] [--json]``."""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from asn1crypto import pem, x509

from apps.ledger.note import Verifier

from .report import Exit, Report
from .run import verify

_SIGNS = {"good": "ok  ", "failed": "FAIL", "skipped": "-   "}
_CODES = "; ".join(f"{kind.value} {kind.name.lower()}" for kind in Exit)


def main(arguments: list[str] | None = None) -> int:
    """Check one file, print what was found, return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m apps.evidence.verify",
        description="Check a sealed evidence pack offline.",
        epilog=f"Exit codes: {_CODES}.",
    )
    parser.add_argument("pack", type=Path, help="the PDF to check")
    parser.add_argument("--trust", type=Path, help="root certificates in PEM, got by another way")
    parser.add_argument(
        "--ledger-keys", type=Path, help="verifier keys of the ledger, one a line, got likewise"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    given = parser.parse_args(arguments)
    try:
        trusted = _roots(given.trust) if given.trust else ()
    except (OSError, ValueError) as error:
        parser.error(f"--trust {given.trust}: not readable as certificates ({error})")
    try:
        keys = _ledger_keys(given.ledger_keys) if given.ledger_keys else ()
    except (OSError, ValueError) as error:
        parser.error(f"--ledger-keys {given.ledger_keys}: not readable as keys ({error})")
    try:
        data = given.pack.read_bytes()
    except OSError as error:
        print(f"{given.pack}: cannot be read ({error.strerror})", file=sys.stderr)
        return Exit.UNREADABLE
    with _quiet_parsers():
        report = verify(data, trusted=trusted, ledger_keys=keys)
    print(_as_json(report) if given.json else _in_words(report))
    return report.exit_code


@contextmanager
def _quiet_parsers() -> Iterator[None]:
    """Parsers log what the report already says in words."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def _roots(path: Path) -> tuple[x509.Certificate, ...]:
    found = tuple(
        x509.Certificate.load(der, strict=True)
        for kind, _, der in pem.unarmor(path.read_bytes(), multiple=True)
        if kind == "CERTIFICATE"
    )
    if not found:
        raise ValueError("no certificate in it")
    return found


def _ledger_keys(path: Path) -> tuple[Verifier, ...]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    if not lines:
        raise ValueError("no key in it")
    return tuple(map(Verifier.parse, lines))


def _as_json(report: Report) -> str:
    return json.dumps(
        {
            "good": report.exit_code == Exit.GOOD,
            "exit_code": int(report.exit_code),
            "kind": report.exit_code.name.lower(),
            "steps": [
                {
                    "name": step.name,
                    "outcome": step.outcome,
                    "said": step.said,
                    "where": step.where,
                }
                for step in report.steps
            ],
            "roots_sha256": report.roots,
            "not_proved": report.not_proved,
        },
        indent=2,
        ensure_ascii=False,
    )


def _shown(words: str) -> str:
    """What a terminal shows and does not obey: a pack's words may come from anybody."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in words)


def _in_words(report: Report) -> str:
    lines = ["Checked:"]
    for step in report.steps:
        lines.append(f"  {_SIGNS[step.outcome]} {step.name:<13} {_shown(step.said)}")
        if step.where:
            lines.append(f"                     where: {_shown(step.where)}")
    lines += [f"\nRoot (SHA-256): {root}" for root in report.roots]
    lines += [
        "",
        "Not proved by this check:",
        *(f"  - {_shown(one)}" for one in report.not_proved),
        "",
    ]
    code = report.exit_code
    verdict = "GOOD: the pack is as it was sealed." if code == Exit.GOOD else _bad(report)
    return "\n".join([*lines, verdict])


def _bad(report: Report) -> str:
    return f"BAD ({report.exit_code.name.lower()}): do not rely on this file."


if __name__ == "__main__":
    sys.exit(main())
