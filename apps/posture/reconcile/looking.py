"""Looking at the console's own calls in an org's logs, and reporting what does not agree."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.crm.eventlogs.coverage import TOTAL, covered, gaps_of, merged, types_of_calls
from apps.crm.eventlogs.keeping import current_files
from apps.crm.eventlogs.own import recording_since
from apps.crm.models import Connection, LogFile, LogWatch
from apps.posture.findings.kinds import Kind, register_kinds
from apps.posture.findings.reporting import report_finding
from apps.posture.models import Finding, LogComparison
from apps.posture.reconcile.comparing import Outcome, Seen
from apps.posture.reconcile.matching import match
from apps.posture.volume.addresses import MINUTE, log_address
from apps.posture.volume.looking import VolumeLook, look_at_volume

PERIOD = timedelta(days=7)
UNRECORDED, UNSEEN = "reconcile.not-in-ledger", "reconcile.not-in-log"
FIX_UNRECORDED = (
    "Find out who else holds the console's key or token. If nobody can say, disconnect the org,"
    " replace its key and look at these calls in the event log."
)
FIX_UNSEEN = (
    "See whether the calls failed before they reached the org. If not, ask Salesforce why its log"
    " lacks them."
)

register_kinds(
    Kind(UNRECORDED, "The org saw calls under the console's app that the ledger lacks", "MON-3"),
    Kind(UNSEEN, "The ledger has calls that the org's delivered log lacks", "MON-3"),
)


def compare_due(*, now: datetime) -> int:
    """Compare every org of the open tenant that has files newer than its last comparison."""
    done = 0
    for connection in Connection.objects.exclude(state=Connection.State.DISCONNECTED):
        newest = LogFile.objects.filter(connection=connection).order_by("-taken_at").first()
        last = latest_comparison(connection)
        if newest is None or (last is not None and last.looked_at >= newest.taken_at):
            continue
        if LogWatch.objects.filter(connection=connection, state=LogWatch.State.TAKING).exists():
            continue  # once all of them are here
        compare_logs(connection, now=now)
        done += 1
    return done


def list_comparisons(connection: Connection) -> QuerySet[LogComparison]:
    """Looks at an org's logs, newest first."""
    return LogComparison.objects.filter(connection=connection).order_by("-looked_at", "-id")


def latest_comparison(connection: Connection) -> LogComparison | None:
    """The newest look at an org's logs."""
    found: LogComparison | None = list_comparisons(connection).first()
    return found


@transaction.atomic
def compare_logs(connection: Connection, *, now: datetime) -> LogComparison:
    """Look at volumes and at the console's own calls, report findings, keep what it gave."""
    volume = look_at_volume(connection, now=now)
    since = now - PERIOD
    types = types_of_calls(connection)
    observed = covered(connection, types, since=since, until=now)
    missing = sum((e - s).total_seconds() for s, e in gaps_of(observed, since=since, until=now))
    began = recording_since(connection)
    outcome, words = Outcome(), _why_not(types, began)
    if began is not None and not words:
        outcome = _compare(connection, types, since=since, until=now, began=began)
        words = _words(outcome, missing / 3600)
        _report(connection, outcome, since=since, now=now)
    return _keep(
        connection, volume, outcome, words, since=since, now=now, hours=_hours(since, now, missing)
    )


def _compare(
    connection: Connection,
    types: tuple[str, ...],
    *,
    since: datetime,
    until: datetime,
    began: datetime,
) -> Outcome:
    days = current_files(connection).filter(hourly=False, event_type__in=types, ends_at__gt=since)
    return match(
        connection,
        types,
        since=since,
        until=until,
        whole=merged(days.values_list("starts_at", "ends_at")),
        recording_since=began,
    )


def _why_not(types: tuple[str, ...], began: datetime | None) -> str:
    if not types:
        return "No log file was taken yet, so nothing can be compared: unknown."
    if TOTAL not in types:
        return "The logs have no ApiTotalUsage, so not every call is in them: unknown."
    if began is None:
        return "The ledger has no entry about calls to this org yet."
    return ""


def _words(outcome: Outcome, missing_hours: float) -> str:
    if not outcome.matched:
        return (
            "None of the console's recorded calls is in the delivered logs, so which calls are its"
            " own is unknown."
        )
    words = []
    if missing_hours >= 1:
        words.append(f"{missing_hours:,.0f} h of these seven days are in no log file: unknown.")
    if outcome.unended:
        words.append(
            f"{outcome.unended:,} calls were announced in the ledger by sessions that have not"
            " ended: their worker was lost, or is still at it."
        )
    return " ".join(words)


def _hours(since: datetime, until: datetime, missing: float) -> float:
    return round(((until - since).total_seconds() - missing) / 3600, 1)


def _report(connection: Connection, outcome: Outcome, *, since: datetime, now: datetime) -> None:
    if outcome.unrecorded_count:
        first = outcome.unrecorded[0].at
        last = outcome.last_unrecorded_at or first
        report_finding(
            kind=UNRECORDED,
            connection=connection,
            subject="console",
            title=f"{outcome.unrecorded_count} calls under the console's app are not in the ledger",
            level=Finding.Level.ERROR,
            fix=FIX_UNRECORDED,
            source=Finding.Source.RECONCILE,
            now=now,
            detail={
                "calls": outcome.unrecorded_count,
                "first": first.isoformat(),
                "last": last.isoformat(),
                "requests": [each.request_id for each in outcome.unrecorded[:20]],
                "log": log_address(connection, first, last + MINUTE),
            },
            window=(since, now),
        )
    if outcome.unseen_count:
        report_finding(
            kind=UNSEEN,
            connection=connection,
            subject="console",
            title=f"{outcome.unseen_count} recorded calls are not in the org's delivered log",
            level=Finding.Level.NOTE,
            fix=FIX_UNSEEN,
            source=Finding.Source.RECONCILE,
            now=now,
            detail={
                "calls": outcome.unseen_count,
                "requests": [request_id for _, request_id in outcome.unseen[:20]],
            },
            window=(since, now),
        )


def _keep(
    connection: Connection,
    volume: VolumeLook,
    outcome: Outcome,
    words: str,
    *,
    since: datetime,
    now: datetime,
    hours: float,
) -> LogComparison:
    kept: LogComparison = LogComparison.objects.create(
        connection=connection,
        looked_at=now,
        since=since,
        until=now,
        observed_hours=hours,
        volume_words=volume.words,
        volume_apps=volume.apps,
        volume_hours=volume.hours,
        deviations=[_deviation(*each) for each in volume.deviations],
        words=words,
        matched=outcome.matched,
        unrecorded_count=outcome.unrecorded_count,
        unrecorded=[_seen(each) for each in outcome.unrecorded],
        unseen_count=outcome.unseen_count,
        unseen=[{"at": at.isoformat(), "request": each} for at, each in outcome.unseen],
        pending_count=outcome.pending,
    )
    return kept


def _deviation(app_id: str, name: str, found: Any) -> dict[str, Any]:
    return {
        "app": app_id,
        "name": name,
        "at": found.at.isoformat(),
        "calls": found.calls,
        "median": found.median,
        "score": found.score,
        "basis": found.basis,
        "above": found.is_above,
    }


def _seen(each: Seen) -> dict[str, Any]:
    return {
        "at": each.at.isoformat(),
        "request": each.request_id,
        "user": each.user_id,
        "what": f"{each.method} {each.entity or each.resource}"[:120],
    }
