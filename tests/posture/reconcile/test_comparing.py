"""Both differences between the ledger and the org's logs."""

from datetime import UTC, datetime, timedelta

from apps.crm.eventlogs.own import Session
from apps.posture.reconcile.comparing import Seen, compare

DAY = datetime(2026, 11, 18, tzinfo=UTC)
WHOLE = [(DAY, DAY + timedelta(days=1))]
OURS, OTHERS = "0H4000000000001", "0H4000000000002"


def seen(request: str, *, app: str = OURS, at: datetime = DAY) -> Seen:
    return Seen(at, request, app, "005000000000001", "GET", "Case", "/v62.0/query")


def session(*requests: str, at: datetime = DAY) -> Session:
    return Session(at, at + timedelta(minutes=1), frozenset(requests))


def test_calls_that_both_sides_have_agree() -> None:
    outcome = compare([seen("a"), seen("b")], [session("a", "b")], whole=WHOLE, recording_since=DAY)
    assert (outcome.matched, outcome.unrecorded, outcome.unseen) == (2, [], [])


def test_a_call_under_our_app_that_the_ledger_lacks_is_told() -> None:
    stolen = seen("x", at=DAY + timedelta(hours=3))
    outcome = compare(
        [seen("a"), stolen, seen("y", app=OTHERS)],
        [session("a")],
        whole=WHOLE,
        recording_since=DAY,
    )
    assert outcome.unrecorded == [stolen]


def test_calls_from_before_the_ledger_kept_them_are_no_difference() -> None:
    early = seen("x", at=DAY - timedelta(hours=1))
    outcome = compare([seen("a"), early], [session("a")], whole=WHOLE, recording_since=DAY)
    assert outcome.unrecorded == []


def test_a_recorded_call_is_missed_only_once_its_day_is_delivered() -> None:
    later = DAY + timedelta(days=1, hours=2)
    outcome = compare(
        [seen("a")], [session("a", "b"), session("c", at=later)], whole=WHOLE, recording_since=DAY
    )
    assert [request for _, request in outcome.unseen] == ["b"]
    assert outcome.pending == 1


def test_without_one_call_in_common_no_app_is_taken_for_ours() -> None:
    outcome = compare([seen("x")], [session("a")], whole=[], recording_since=DAY)
    assert (outcome.matched, outcome.apps, outcome.unrecorded) == (0, frozenset(), [])


def test_a_call_logged_twice_is_one() -> None:
    outcome = compare([seen("a"), seen("a")], [session("a")], whole=WHOLE, recording_since=DAY)
    assert outcome.matched == 1
