"""Keeping what a scan saw, and telling it on as findings."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath

from django.db import transaction

from apps.ledger import services as ledger
from apps.posture.findings.reporting import LOOKOUT, report_finding, settle_absent
from apps.posture.models import Finding, Scan, ScanAddress, ScanFinding
from apps.posture.scan.findings import Finding as Seen
from apps.posture.scan.findings import Report
from apps.posture.scans import uploads
from apps.posture.scans.folders import place_of
from apps.posture.scans.org.files import kind_of, kinds_read

BATCH = 1_000


@transaction.atomic
def finish(scan: Scan, report: Report, *, now: datetime) -> Scan:
    """Keep the report with the scan, report its findings, and settle what is gone."""
    ScanFinding.objects.bulk_create(_findings(scan, report), batch_size=BATCH)
    ScanAddress.objects.bulk_create(_addresses(scan, report), batch_size=BATCH)
    complete = not report.unread
    scan.state = Scan.State.COMPLETE if complete else Scan.State.INCOMPLETE
    scan.files, scan.entries_done = report.files, scan.entries
    scan.unread = [[path[:400], why[:200]] for path, why in report.unread]
    scan.finished_at = scan.touched_at = now
    scan.save()
    seen = _report_all(scan, report.findings, now)
    if scan.origin == Scan.Origin.ORG:
        seen |= _not_looked_at(scan, report)
    if scan.origin == Scan.Origin.ORG or (complete and scan.covers_all):
        settle_absent(source=Finding.Source.SCAN, connection=scan.connection, seen=seen, now=now)
    ledger.record(
        actor=LOOKOUT,
        action="posture.scan.completed" if complete else "posture.scan.left_incomplete",
        target=scan,
        at=now,
        data={
            "files": report.files,
            "unread": len(report.unread),
            "addresses": len({address.host for address in report.addresses}),
            "findings": len(report.findings),
        },
    )
    uploads.forget_on_commit(scan.pk)
    return scan


def _report_all(scan: Scan, found: Iterable[Seen], now: datetime) -> set[tuple[str, str]]:
    """One finding per rule, file and thing, however many places in the file show it."""
    grouped: dict[tuple[str, str], list[Seen]] = {}
    for each in found:
        grouped.setdefault((f"scan.{each.rule_id}", subject_of(each)), []).append(each)
    for (kind, subject), places in grouped.items():
        first = places[0]
        report_finding(
            kind=kind,
            connection=scan.connection,
            subject=subject,
            title=first.message,
            level=first.level,
            fix=first.rule.fix,
            source=Finding.Source.SCAN,
            now=now,
            detail={
                "scan": str(scan.pk),
                "path": first.place.path,
                "lines": [each.place.line for each in places[:20]],
                "places": len(places),
            },
        )
    return set(grouped)


def _not_looked_at(scan: Scan, report: Report) -> set[tuple[str, str]]:
    """Findings that a reading of an org proves nothing about: of a kind it did not read in full.

    An org answers kind by kind, so each kind is a complete look of its own.
    """
    read = kinds_read(path for path, _ in report.unread)
    rows = Finding.objects.filter(source=Finding.Source.SCAN, connection=scan.connection)
    kept = rows.values_list("kind", "subject")
    return {(kind, subject) for kind, subject in kept if kind_of(subject) not in read}


def subject_of(seen: Seen) -> str:
    """What names the thing across scans: file and subject, without the project's own folders."""
    place = place_of(seen.place.path)
    named = f"{place}#{seen.subject}" if seen.subject else place
    if len(named) <= 255:
        return named
    return f"{PurePosixPath(place).name[:180]}#{sha256(named.encode()).hexdigest()[:32]}"


def key_of(seen: Seen) -> str:
    """The same finding in the next scan, though lines have moved."""
    said = "\n".join((seen.rule_id, place_of(seen.place.path), seen.message))
    return sha256(said.encode()).hexdigest()


def _findings(scan: Scan, report: Report) -> list[ScanFinding]:
    return [
        ScanFinding(
            scan=scan,
            rule=each.rule_id,
            level=each.level,
            path=each.place.path[:400],
            line=each.place.line,
            column=each.place.column,
            message=_plain(each.message)[:600],
            subject=_plain(each.subject)[:255],
            key=key_of(each),
        )
        for each in report.findings
    ]


def _addresses(scan: Scan, report: Report) -> list[ScanAddress]:
    return [
        ScanAddress(
            scan=scan,
            host=each.host,
            scheme=each.scheme,
            named_by=_plain(each.source)[:300],
            called=each.called,
            provider=each.provider,
            is_llm=each.is_llm,
            jurisdiction=each.jurisdiction,
            basis=each.basis,
            through_gateway=each.through_gateway,
            path=each.place.path[:400],
            line=each.place.line,
            column=each.place.column,
        )
        for each in report.addresses
    ]


def _plain(words: str) -> str:
    return words.replace("\x00", "")
