"""Whom a change of networks would keep out, shown before it is approved."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from apps.changes import services
from apps.changes.errors import ContentChanged
from apps.changes.models import Configuration
from apps.changes.services.deciding import hash_of_preflight
from apps.changes.states import State
from apps.common.clock import database_now
from apps.custody.callers import note_caller
from apps.custody.models import IssuedToken
from apps.ledger import selectors as ledger
from tests.cast import Cast
from tests.changes.conftest import (
    OFFICE,
    approve,
    call,
    carry_on,
    networks_of,
    propose,
    prove,
    reread,
)

pytestmark = pytest.mark.django_db


def test_the_preflight_names_whom_it_keeps_out(cast: Cast, made: tuple[IssuedToken, str]) -> None:
    token, text = made
    unknown = propose(cast, token)
    assert unknown.preflight["known"] == "none"
    with cast.at_acme("bob") as bob:
        services.withdraw(actor=bob, proposal_id=unknown.pk, now=database_now())
    for address in ("203.0.113.9", "198.51.100.7", "198.51.100.7"):
        call(text, address)
    proposal = propose(cast, token)
    becomes = {
        row["address"]: (row["becomes"], row["calls"]) for row in proposal.preflight["callers"]
    }
    assert becomes == {"203.0.113.9": ("kept", 1), "198.51.100.7": ("blocked", 2)}


def test_callers_count_as_known_only_since_calls_are_noted(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    """A token older than the noting was used before; nobody knows from where."""
    token, text = made
    with cast.at_acme():
        IssuedToken.objects.filter(pk=token.pk).update(
            issued_at=database_now() - timedelta(days=20)
        )
    before = database_now()
    call(text, "198.51.100.7")
    assert propose(cast, token).preflight["since"] >= before.isoformat()


def test_the_address_of_a_caller_is_nowhere_in_plain_text(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, text = made
    call(text, "198.51.100.7")
    proposal = propose(cast, token)
    with cast.at_acme(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select row_to_json(p)::text from changes_proposal p")
            assert all("198.51.100.7" not in row for (row,) in cursor.fetchall())
            cursor.execute("select row_to_json(c)::text from custody_tokencaller c")
            found = cursor.fetchall()
            assert found and all("198.51.100.7" not in row for (row,) in found)
    assert proposal.preflight["callers"][0]["address"] == "198.51.100.7"


def test_who_would_be_kept_out_must_be_what_the_approver_saw(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, _ = made
    proposal = propose(cast, token)
    with cast.at_acme() as alice:
        seen = hash_of_preflight(reread(cast, proposal).preflight)
        note_caller(token, address="198.51.100.7", admitted=True, now=database_now())
        factor = prove(cast, "alice", services.APPROVE_DECISION, proposal.content_hash)
        with pytest.raises(ContentChanged):
            services.approve(
                actor=alice, proposal_id=proposal.pk, factor=factor, seen=seen, now=database_now()
            )


def test_a_change_that_keeps_out_a_caller_nobody_was_shown_goes_back_by_itself(
    cast: Cast, made: tuple[IssuedToken, str]
) -> None:
    token, text = made
    first = propose(cast, token, networks=["198.51.100.0/24", OFFICE])
    approve(cast, first)
    carry_on(cast, first)
    second = propose(cast, token)
    approve(cast, second)
    assert call(text, "198.51.100.7") == 200  # after the approval, before it is applied
    done = carry_on(cast, second)
    assert done.state == State.ROLLED_BACK
    assert networks_of(cast, token) == ["198.51.100.0/24", OFFICE]
    assert "nobody was shown" in done.outcome
    with cast.at_acme():
        [last] = [
            entry
            for entry in ledger.list_path_of(second)
            if entry.action == "changes.proposal.rolled_back"
        ]
        assert ledger.data_of(last) == {"failed": ["callers-as-shown"], "to_version": 2}
        passed = [each.passed for each in Configuration.objects.order_by("number")]
        assert passed == [None, True, False]
