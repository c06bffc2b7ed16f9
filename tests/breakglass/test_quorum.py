"""The rule itself, without a database: a conjunction over roles of distinct people."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apps.breakglass import quorum
from apps.tenancy.roles import Role

LEGAL, IT = Role.LEGAL_APPROVER.value, Role.IT_APPROVER.value
PEOPLE = [UUID(int=number) for number in range(1, 6)]
REQUESTER = PEOPLE[0]
signatures = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from([LEGAL, IT])))
counts = st.fixed_dictionaries({LEGAL: st.integers(1, 3), IT: st.integers(1, 3)})


@given(signed=signatures, needed=counts)
def test_complete_means_enough_distinct_people_without_the_requester(
    signed: list[tuple[UUID, str]], needed: dict[str, int]
) -> None:
    if not quorum.is_complete(signed, quorum=needed, requester=REQUESTER):
        return
    people = quorum.signers(signed, requester=REQUESTER)
    assert REQUESTER not in people
    assert len(people) >= sum(needed.values())
    for role, count in needed.items():
        assert sum(signed_in == role for signed_in in people.values()) >= count


@given(signed=signatures, needed=counts)
def test_what_is_missing_completes_it(
    signed: list[tuple[UUID, str]], needed: dict[str, int]
) -> None:
    missing = quorum.missing(signed, quorum=needed, requester=REQUESTER)
    strangers = (UUID(int=number) for number in range(100, 200))
    more = [(next(strangers), role) for role, count in missing.items() for _ in range(count)]
    assert quorum.is_complete([*signed, *more], quorum=needed, requester=REQUESTER)
    if more:
        assert not quorum.is_complete([*signed, *more[1:]], quorum=needed, requester=REQUESTER)


def test_two_hats_on_one_head_count_once() -> None:
    needed = {LEGAL: 1, IT: 1}
    one = [(PEOPLE[1], LEGAL), (PEOPLE[1], IT)]
    assert not quorum.is_complete(one, quorum=needed, requester=REQUESTER)
    own = [(REQUESTER, LEGAL), (PEOPLE[1], IT)]
    assert not quorum.is_complete(own, quorum=needed, requester=REQUESTER)
    two = [(PEOPLE[1], LEGAL), (PEOPLE[2], IT)]
    assert quorum.is_complete(two, quorum=needed, requester=REQUESTER)


def test_no_rule_and_a_rule_for_nobody_are_a_no() -> None:
    everyone = [(person, role) for person in PEOPLE for role in (LEGAL, IT)]
    for needed in ({}, {LEGAL: 0, IT: 0}, {LEGAL: 1, IT: 0}):
        assert not quorum.is_complete(everyone, quorum=needed, requester=REQUESTER)
