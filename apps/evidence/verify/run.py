"""All steps in order. A failed step does not stop the later ones: they may say where."""

from collections.abc import Sequence

from asn1crypto import x509

from .attachments import take_out
from .document import open_document
from .events import check_events, check_root, check_spreadsheet
from .manifest import check_files, check_manifest, check_statement
from .report import Exit, Report, needed
from .seal import check_chain, check_integrity, check_timestamp

_ALWAYS_OPEN = (
    "that the statements are true of the world: only that they were recorded and have not "
    "changed since the seal",
    "that no event is missing from the list: compare it with the ledger's own checkpoint",
    "that the printed pages say what summary.json says: read them beside each other",
    "whether a certificate was revoked after the seal was made",
)


def verify(data: bytes, *, trusted: Sequence[x509.Certificate] = ()) -> Report:
    """Check a pack. ``trusted`` are roots obtained by another way than the pack itself.

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
    _tell_trust(report, root, bool(trusted))
    if files is not None and any(map(_is_from_ledger, files.files)):
        report.not_proved.append(
            "the ledger's own checkpoint and proofs: they are attached and unchanged, and the "
            "ledger's verifier examines them"
        )
    return report


def _is_from_ledger(name: str) -> bool:
    return name == "checkpoint.txt" or name.startswith("proof-")


def _tell_trust(report: Report, root: str | None, trust_given: bool) -> None:
    if root is not None:
        report.roots.append(root)
    if not trust_given:
        report.not_proved.insert(
            0,
            "that the root belongs to the organisation: compare the fingerprint above with one "
            "you obtained by another way, or give the root with --trust",
        )
