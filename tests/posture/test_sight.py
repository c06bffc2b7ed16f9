"""A console whose user sees only its own rows says so everywhere and never counts fewer."""

import pytest

from apps.common.clock import database_now
from apps.crm import errors
from apps.crm.inventory.reading import Source
from apps.crm.inventory.sight import doubt_tokens
from apps.crm.models import Connection
from apps.crm.session import open_org
from apps.posture import selectors
from apps.posture.models import Finding
from apps.posture.scopes import looking
from apps.posture.scopes.judging import faults_of_sight
from apps.reviews.grants import Work, look
from tests.cast import Cast
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox
from tests.posture.test_revocation import begin, plan_of, run

pytestmark = pytest.mark.django_db
BLIND = "scopes.console-sees-own-only"


def take_away(cast: Cast, connection: Connection, *permissions: str) -> None:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        [row] = org.query("SELECT Id FROM PermissionSet WHERE Name = 'Bailiwick_Console'")
        lost = {f"Permissions{name}": False for name in permissions}
        org.update("PermissionSet", str(row["Id"]), lost)


def test_own_tokens_alone_are_unknown_in_snapshot_matrix_counts_and_a_finding(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    take_away(cast, connection, "CustomizeApplication", "ManageUsers")
    blind = take(cast, connection)
    tokens = next(each for each in blind.sources if each["source"] == "OauthToken")
    assert (blind.state, tokens["state"], tokens["expected"]) == ("incomplete", "incomplete", None)
    assert "Customize Application" in tokens["error"]
    assert blind.lacking == ["Customize Application", "Manage Users"]
    with cast.at_acme():
        assert not blind.has_all_tokens
        compared = selectors.compare_snapshot(blind)
        assert {each.app.token_count for each in compared} == {None}
        looking.look_at_new(now=database_now())
        found = Finding.objects.filter(kind=BLIND).order_by("subject")
        assert [each.subject for each in found] == [
            "org|Customize Application", "org|Manage Users",
        ]  # fmt: skip
        assert all("permission set with" in each.fix for each in found)


def test_a_user_who_sees_all_is_not_doubted(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    assert (snapshot.state, snapshot.lacking) == ("complete", [])
    with cast.at_acme():
        looking.look_at_new(now=database_now())
        assert not Finding.objects.filter(kind=BLIND).exists()
        assert None not in {each.app.token_count for each in selectors.compare_snapshot(snapshot)}


def test_tokens_that_the_console_cannot_see_are_never_proven_gone(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    snapshot = take(cast, connection)
    begun = begin(cast, plan_of(cast, snapshot))
    take_away(cast, connection, "CustomizeApplication")
    ended = run(cast, begun)
    assert ended.state == "exceptions" and "proves nothing" in ended.note
    work = Work(
        item_id=begun.pk, connection_id=connection.pk, kind="token", target_ref="Data Loader",
        subject_ref="005Ma0000000001IAA", handle="x", siblings=frozenset(), was_called=False,
    )  # fmt: skip
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        with pytest.raises(errors.Blind):
            look(org, work)


def test_where_the_org_does_not_tell_tokens_of_one_account_alone_are_doubted() -> None:
    for holders, state in ((["a"], "incomplete"), (["a", "b"], "complete"), ([], "incomplete")):
        source = Source("OauthToken", "OAuth tokens")
        source.settle([{"UserId": each} for each in holders], expected=len(holders))
        doubt_tokens(source, None)
        assert source.state == state, holders
    assert [fault.level for fault in faults_of_sight(None)] == ["note"]
