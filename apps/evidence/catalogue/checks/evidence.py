"""Packs and how they leave."""

from datetime import datetime, timedelta

from asn1crypto import pem, x509

from apps.common.keyring import CannotOpen
from apps.evidence import files
from apps.evidence.catalogue.checks.words import counted
from apps.evidence.catalogue.registry import Outcome, check, danger, good, unknown
from apps.evidence.keys import sealing_authority
from apps.evidence.models import DownloadGrant, Pack
from apps.evidence.verify.report import Exit
from apps.evidence.verify.run import verify

WINDOW = timedelta(days=90)


@check(
    "EVD-1",
    "newest-pack-verifies",
    "Does the newest pack pass the offline check?",
    proof="evidence:packs",
)
def newest_pack(now: datetime) -> Outcome:
    """The file as it rests, opened and put through the checker that auditors use."""
    pack = Pack.objects.filter(state=Pack.State.READY).order_by("-finished_at").first()
    if pack is None:
        return unknown("No pack has been made yet, so there is nothing to judge.")
    try:
        data = files.fetch(pack.pk)
    except (CannotOpen, FileNotFoundError):
        return danger(f"The file of “{pack.title}” is missing or was changed.")
    report = verify(data, trusted=[_root(now)])
    if report.exit_code != Exit.GOOD:
        step = next(step for step in report.steps if step.outcome != "good")
        return danger(f"“{pack.title}” fails at {step.name.lower()}: {step.said}"[:399] + ".")
    return good(f"“{pack.title}” passed all {counted(len(report.steps), 'step')} of the check.")


@check(
    "EVD-3",
    "downloads-had-their-factor",
    "Was each download given with a fresh factor?",
    proof="evidence:packs",
)
def downloads(now: datetime) -> Outcome:
    """Links of the last 90 days: their holder's own factor, for that file, spent in time."""
    rows = DownloadGrant.objects.filter(granted_at__gte=now - WINDOW)
    grants = list(rows.select_related("factor", "pack"))
    if not grants:
        return unknown("No pack was handed over in the last 90 days.")
    wrong = sum(not _is_proved(grant) for grant in grants)
    if wrong:
        return danger(f"Given without a fitting factor: {counted(wrong, 'link')}.")
    return good(f"{counted(len(grants), 'link')}, each given to one person after a fresh factor.")


def _is_proved(grant: DownloadGrant) -> bool:
    factor = grant.factor
    return (
        factor.user_id == grant.holder_id
        and factor.subject == grant.pack.sha256
        and factor.spent_at is not None
        and factor.spent_at <= factor.expires_at
    )


def _root(now: datetime) -> x509.Certificate:
    _, _, der = pem.unarmor(sealing_authority(now).root_pem)
    return x509.Certificate.load(der)
