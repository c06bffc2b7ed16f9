"""All steps in order. A failed step does not stop the later ones: they may say where."""

from collections.abc import Sequence

from asn1crypto import x509

from apps.ledger.note import Verifier

from .anchors import check_anchors, is_anchored
from .attachments import take_out
from .document import open_document
from .events import check_events, check_root, check_spreadsheet
from .ledger import InLedger, check_ledger, is_proved
from .manifest import check_files, check_manifest, check_statement
from .report import Exit, Report, needed
from .seal import check_chain, check_integrity, check_timestamp

_ALWAYS_OPEN = (
    "that the statements are true of the world: only that they were recorded and have not "
    "changed since the seal",
    "that the printed pages say what summary.json says: read them beside each other",
    "whether a certificate was revoked after the seal was made",
)


def verify(
    data: bytes,
    *,
    trusted: Sequence[x509.Certificate] = (),
    ledger_keys: Sequence[Verifier] = (),
) -> Report:
    """Check a pack. ``trusted`` are roots, ``ledger_keys`` the keys of the ledger's checkpoints,
    both obtained by another way than the pack itself.

    Never raises for a bad file: every finding is a step of the report.
    """
    report = Report(not_proved=list(_ALWAYS_OPEN))
    run = report.attempt
    document = run("File", Exit.UNREADABLE, lambda: open_document(data))
    if document is None:
        return report
    sealed = run("Seal", Exit.SIGNATURE, lambda: check_integrity(document, trusted))
    run("Timestamp", Exit.TIMESTAMP, lambda: check_timestamp(needed(sealed, "the seal")))
    root = run("Certificates", Exit.SIGNATURE, lambda: check_chain(needed(sealed, "the seal")))
    files = run("Attachments", Exit.ANNEX, lambda: take_out(document))
    listed = run("Manifest", Exit.MANIFEST, lambda: check_manifest(needed(files, "attachments")))
    run("Files", Exit.ANNEX, lambda: check_files(needed(files, "files"), needed(listed, "list")))
    run(
        "Statement",
        Exit.MANIFEST,
        lambda: check_statement(
            needed(files, "files"), needed(listed, "the manifest"), needed(root, "the root")
        ),
    )
    events = run("Events", Exit.EVENT, lambda: check_events(needed(files, "attachments")))
    run("Tree", Exit.ROOT, lambda: check_root(needed(events, "events"), needed(listed, "list")))
    run(
        "Spreadsheet",
        Exit.EVENT,
        lambda: check_spreadsheet(needed(files, "files"), needed(events, "the events")),
    )
    found = None
    attached = files
    if attached is not None and (is_proved(attached) or ledger_keys):
        found = run(
            "Ledger",
            Exit.LEDGER,
            lambda: check_ledger(needed(files, "files"), needed(events, "events"), ledger_keys),
        )
    proved = found
    if attached is not None and is_anchored(attached):
        stamps = run(
            "Anchors",
            Exit.LEDGER,
            lambda: check_anchors(needed(files, "files"), needed(proved, "the ledger's proof")),
        )
        for name in stamps or ():
            report.not_proved.append(
                f"who made {name} and when: openssl ts -verify says it, given the service's root"
            )
    _tell_ledger(report, found, bool(ledger_keys))
    _tell_trust(report, root, bool(trusted))
    return report


def _tell_ledger(report: Report, found: InLedger | None, keys_given: bool) -> None:
    """Say how far the ledger's proof reaches, and what it leaves open."""
    if found is None:
        report.not_proved.append(
            "that the events stand in the organisation's ledger, and that none is missing: the "
            "pack brings no proof of it that holds"
        )
        return
    if found.stretches > 1:
        report.not_proved.append(
            "that no event is missing between the stretches: the pack holds chosen events"
        )
    if found.unpositioned:
        report.not_proved.append(
            f"that the last {found.unpositioned:,} events stand in the ledger: they had no "
            "position when the pack was made"
        )
    report.not_proved.append(
        "that everybody is shown the same ledger: compare its checkpoint with a witness or anchor"
    )
    if not keys_given:
        keys = ", ".join(found.keys)
        report.not_proved.append(
            f"that the ledger's keys are the organisation's: compare {keys} with keys you obtained "
            "by another way, or give them with --ledger-keys"
        )


def _tell_trust(report: Report, root: str | None, trust_given: bool) -> None:
    if root is not None:
        report.roots.append(root)
    if not trust_given:
        report.not_proved.insert(
            0,
            "that the root belongs to the organisation: compare the fingerprint above with one "
            "you obtained by another way, or give the root with --trust",
        )
