"""Controls that findings speak for: what is open, and whether anybody looked."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from apps.crm.models import Connection, Snapshot
from apps.crm.selectors import latest_snapshots
from apps.evidence.catalogue.checks.orgs import FRESH, NO_ORG, live_orgs
from apps.evidence.catalogue.checks.words import counted, named
from apps.evidence.catalogue.registry import (
    Outcome,
    Run,
    attention,
    check,
    danger,
    good,
    unknown,
)
from apps.posture.findings.kinds import all_kinds
from apps.posture.models import Finding, LogComparison, Scan

MONTH = timedelta(days=30)
NOT_KNOWN = "unknown"  # how the kinds end that say something could not be read

Looks = Callable[[list[Connection]], dict[UUID, datetime]]


def _snapshots(orgs: list[Connection]) -> dict[UUID, datetime]:
    newest = latest_snapshots(orgs).items()
    return {org: each.taken_at for org, each in newest if each.state == Snapshot.State.COMPLETE}


def _scans(orgs: list[Connection]) -> dict[UUID, datetime]:
    """Scans of some of an org's files say nothing of the rest."""
    done = Scan.objects.filter(connection__in=orgs, state=Scan.State.COMPLETE, covers_all=True)
    return _newest(done.values_list("connection").annotate(Max("finished_at")))


def _comparisons(orgs: list[Connection]) -> dict[UUID, datetime]:
    looks = LogComparison.objects.filter(connection__in=orgs)
    return _newest(looks.values_list("connection").annotate(Max("looked_at")))


def _newest(rows: Iterable[tuple[UUID, datetime | None]]) -> dict[UUID, datetime]:
    return {org: at for org, at in rows if at is not None}


def _judged(control: str, looks: Looks, fresh: timedelta) -> Run:
    """The check of one control: serious findings, lesser ones, what nobody looked at, in order."""

    def run(now: datetime) -> Outcome:
        orgs = live_orgs()
        if not orgs:
            return unknown(NO_ORG)
        rows = _findings(control, orgs)
        found = [each for each in rows if each.state in Finding.UNSETTLED]
        known = [each for each in found if not each.kind.endswith(NOT_KNOWN)]
        if known:
            return _told(known)
        looked = looks(orgs)
        never = [org.name for org in orgs if org.pk not in looked]
        if never:
            return unknown(f"Not looked at in full yet: {named(never)}.")
        if found:
            return unknown(f"{_kinds(found)}.")
        late = [org.name for org in orgs if now - looked[org.pk] > fresh]
        if late:
            return attention(f"Not looked at for {fresh.days} days: {named(late)}.")
        if rows:
            return attention(f"Accepted for a time, or fixed without proof: {_kinds(rows)}.")
        return good(f"{counted(len(orgs), 'org')} looked at, nothing open.")

    return run


def _findings(control: str, orgs: list[Connection]) -> list[Finding]:
    """Those that are not proven gone."""
    kinds = [kind.code for kind in all_kinds().values() if kind.control == control]
    rows = Finding.objects.filter(kind__in=kinds, connection__in=orgs)
    left = rows.exclude(state=Finding.State.VERIFIED)
    return list(left.only("kind", "level", "state").order_by("kind", "pk"))


def _told(found: list[Finding]) -> Outcome:
    serious = [each for each in found if each.level == Finding.Level.ERROR]
    if serious:
        return danger(f"{counted(len(serious), 'serious finding')} open: {_kinds(serious)}.")
    return attention(f"{counted(len(found), 'finding')} open: {_kinds(found)}.")


def _kinds(found: list[Finding]) -> str:
    words = dict.fromkeys(all_kinds()[each.kind].words for each in found)
    return named([word[:1].lower() + word[1:] for word in words])


JUDGED: tuple[tuple[str, str, str, Looks, timedelta], ...] = (
    ("SCP-3", "apps-within-purpose", "Does any app reach beyond its purpose?", _snapshots, FRESH),
    ("SCP-5", "apps-in-zone", "May any app be used from outside its zone?", _snapshots, FRESH),
    (
        "SCP-6",
        "calls-out-found",
        "Does code of the org call out unnoticed?",
        _scans,
        MONTH,
    ),
    ("SCP-7", "no-secret-in-code", "Does any secret stand in code?", _scans, MONTH),
    ("SCP-8", "tools-known", "Does any tool reach an org unnamed?", _snapshots, FRESH),
    ("SCP-9", "fields-encrypted", "Is any restricted field unencrypted?", _snapshots, FRESH),
    ("MON-2", "volume-as-usual", "Does any app call unusually much?", _comparisons, FRESH),
    (
        "MON-3",
        "org-and-ledger-agree",
        "Did an org see calls without entry?",
        _comparisons,
        FRESH,
    ),
)
for _control, _name, _question, _looks, _fresh in JUDGED:
    check(_control, _name, _question, proof="posture:findings")(_judged(_control, _looks, _fresh))
