"""What the sequencer remembers between two snapshots, without a database."""

from hypothesis import given
from hypothesis import strategies as st

from apps.ledger.sequencer import ordering
from apps.ledger.sequencer.ordering import Hole, Order, Snapshot


def test_a_snapshot_is_read_as_numbers() -> None:
    snapshot = Snapshot.parse("9:11:9,10")
    assert snapshot == Snapshot(11, frozenset({9, 10}))
    assert [snapshot.has_ended(xid) for xid in (8, 9, 10, 11)] == [True, False, False, False]
    assert snapshot.begun(13) == {9, 10, 11, 12}
    assert Snapshot.parse("7:7:").running == frozenset()


def test_dense_numbers_leave_nothing_to_look_for() -> None:
    order = Order(4).advanced(Snapshot.parse("5:9:5"), own=9, late=[], new=[5, 6, 7], ended=set())
    assert order == Order(7)
    assert order.low == 7


def test_a_hole_is_looked_into_once_its_transactions_have_ended() -> None:
    order = Order(4).advanced(Snapshot.parse("5:7:5"), own=9, late=[], new=[5, 8], ended=set())
    assert order.holes == [Hole(6, 7, 9)]
    assert order.running == {5: 4, 7: 4, 8: 4}
    still = Snapshot.parse("5:9:5,8")
    assert order.ended(still) == {7}
    assert order.holes_for({7}) == [Hole(6, 7, 9)]
    order = order.advanced(still, own=0, late=[], new=[], ended={7})
    assert order.low == 5
    order = order.advanced(Snapshot.parse("9:9:"), own=0, late=[6], new=[], ended={5, 8})
    assert order == Order(8), "7 was rolled back: nobody is left who could bring it"


def test_a_transaction_without_end_holds_up_nothing_but_its_own_hole() -> None:
    order = Order(4).advanced(Snapshot.parse("5:7:5"), own=9, late=[], new=[6], ended=set())
    assert order.holes == [Hole(5, 5, 9)]
    for number in range(7, 100):
        snapshot = Snapshot.parse(f"5:{number + 10}:5")
        order = order.advanced(
            snapshot, own=number + 11, late=[], new=[number], ended=order.ended(snapshot)
        )
    assert order.holes == [Hole(5, 5, 9)]
    assert order.hwm == 99
    assert 5 in order.running


def test_whoever_comes_after_a_process_that_is_gone_looks_at_all_it_left() -> None:
    order = Order.after(10, 20)
    assert order.recovering
    order = order.advanced(Snapshot.parse("50:52:50"), own=55, late=[12], new=[21], ended=set())
    assert not order.recovering
    assert order.holes == [Hole(11, 11, 55), Hole(13, 20, 55)]
    assert order.running[50] == 10
    assert Order.after(20, 20) == Order(20)


@given(st.sets(st.integers(1, 500), min_size=1), st.sets(st.integers(1, 500)))
def test_holes_are_exactly_what_was_not_seen(new: set[int], late: set[int]) -> None:
    snapshot = Snapshot.parse("1:1:1")
    order = Order().advanced(snapshot, own=9, late=[], new=sorted(new), ended=set())
    late = {number for number in late if number < max(new)} - new
    order = order.advanced(snapshot, own=0, late=sorted(late), new=[], ended=set())
    held = {n for hole in order.holes for n in range(hole.first, hole.last + 1)}
    assert held == set(range(1, max(new))) - new - late


def test_too_many_holes_become_wider_never_lost() -> None:
    numbers = list(range(2, 4 * ordering.MOST_HOLES, 2))
    order = Order().advanced(Snapshot.parse("1:1:1"), own=9, late=[], new=numbers, ended=set())
    assert len(order.holes) <= ordering.MOST_HOLES
    held = {n for hole in order.holes for n in range(hole.first, hole.last + 1)}
    assert set(range(1, numbers[-1], 2)) <= held
