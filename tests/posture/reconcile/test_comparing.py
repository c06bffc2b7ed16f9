"""Both differences between the ledger and the org's logs."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from apps.crm.eventlogs.own import Session
from apps.posture.reconcile.comparing import Outcome, Seen

DAY = datetime(2026, 11, 18, tzinfo=UTC)
WHOLE = [(DAY, DAY + timedelta(days=1))]
OURS, OTHERS = "0H4000000000001", "0H4000000000002"


def seen(request: str, *, app: str = OURS, at: datetime = DAY) -> Seen:
    return Seen(at, request, app, "005000000000001", "GET", "Case", "/v62.0/query")


def session(*requests: str, at: datetime = DAY) -> Session:
    return Session(at, at + timedelta(minutes=1), frozenset(requests))


def compare(calls: Sequence[Seen], sessions: Sequence[Session]) -> Outcome:
    outcome = Outcome()
    for each in sessions:
        outcome.take_sent(each, {call.request_id: call.app_id for call in calls}, whole=WHOLE)
    sent = {request for each in sessions for request in each.requests}
    for call in calls:
        if call.app_id in outcome.apps:
            outcome.take_seen(call, sent)
    return outcome


def test_calls_that_both_sides_have_agree() -> None:
    outcome = compare([seen("a"), seen("b")], [session("a", "b")])
    assert (outcome.matched, outcome.unrecorded, outcome.unseen) == (2, [], [])


def test_a_call_under_our_app_that_the_ledger_lacks_is_told() -> None:
    stolen = seen("x", at=DAY + timedelta(hours=3))
    outcome = compare([seen("a"), stolen, seen("y", app=OTHERS)], [session("a")])
    assert outcome.unrecorded == [stolen]
    assert (outcome.unrecorded_count, outcome.last_unrecorded_at) == (1, stolen.at)


def test_a_recorded_call_is_missed_only_once_its_day_is_delivered() -> None:
    later = DAY + timedelta(days=1, hours=2)
    outcome = compare([seen("a")], [session("a", "b"), session("c", at=later)])
    assert [request for _, request in outcome.unseen] == ["b"]
    assert (outcome.unseen_count, outcome.pending) == (1, 1)


def test_without_one_call_in_common_no_app_is_taken_for_ours() -> None:
    outcome = compare([seen("x")], [session("a")])
    assert (outcome.matched, outcome.apps, outcome.unrecorded) == (0, set(), [])


def test_a_call_logged_twice_is_one() -> None:
    assert compare([seen("a"), seen("a")], [session("a")]).matched == 1


def test_of_many_differences_all_are_counted_and_a_hundred_kept() -> None:
    strange = [seen(f"x{number}") for number in range(300)]
    missed = [f"m{number:03}" for number in range(300)]
    outcome = compare([seen("a"), *strange], [session("a", *missed)])
    assert (outcome.unrecorded_count, len(outcome.unrecorded)) == (300, 100)
    assert (outcome.unseen_count, len(outcome.unseen)) == (300, 100)
