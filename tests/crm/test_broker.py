"""One refresh at a time, whatever number ask; refusals keep the old token."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.db import connection as database
from pytest_django.fixtures import Settings

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import broker, errors, selectors, tasks
from apps.crm.models import Connection, OrgToken
from apps.crm.services import connections
from apps.ledger import selectors as ledger
from tests.cast import Cast, make_cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox
from tests.ledger.spool.unwritable import read_only

ASKING = 16


def _ask_together(cast: Cast, connection: Connection) -> list[str]:
    """What each of many threads got, each with a connection to the database of its own."""
    ready = threading.Barrier(ASKING)

    def ask(_: int) -> str:
        try:
            ready.wait()
            held = broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
        except errors.CrmError as error:
            return error.code
        else:
            return held.access_token
        finally:
            database.close()

    with ThreadPoolExecutor(ASKING) as pool:
        return list(pool.map(ask, range(ASKING)))


@pytest.mark.django_db(transaction=True)
def test_no_token_is_fetched_that_could_not_be_kept(sandbox: RunningSandbox) -> None:
    """On a replica a rotated refresh token would be lost, and the org with it."""
    cast = make_cast()
    connection = orgs.connect(cast, sandbox, **orgs.consented(sandbox))
    sent = sandbox.admin("GET", "requests")
    with read_only(), pytest.raises(errors.OrgUnavailable, match="could not be kept"):
        broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
    assert sandbox.admin("GET", "requests") == sent


@pytest.mark.django_db(transaction=True)
def test_many_who_need_a_token_hear_of_one_refusal(sandbox: RunningSandbox) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_inactive_user", when="always")
    got = _ask_together(cast, connection)
    assert set(got) == {"crm_grant_refused"}
    with scoped(tenant_id=cast.acme.pk):
        refusals = ledger.list_events(action="crm.token.refused", target_id=str(connection.pk))
        assert refusals.count() <= 2  # whoever came after the first refusal may ask once more


@pytest.mark.django_db(transaction=True)
def test_a_refresher_that_dies_lets_the_next_one_through(
    sandbox: RunningSandbox, owner_connection: psycopg.Connection
) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox)
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": connection.pk}
    owner_connection.execute("select pg_advisory_lock(%s)", [broker.lock_key(connection.pk)])

    def ask() -> str:
        try:
            return broker.access_token(**ids).access_token
        finally:
            database.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(ask)
        time.sleep(0.5)
        assert not waiting.done()
        assert sandbox.state()["token_requests"] == 0
        owner_connection.close()  # as a killed process does
        assert "!" in waiting.result(timeout=10)


@pytest.mark.django_db(transaction=True)
def test_waiting_for_another_refresher_ends(
    sandbox: RunningSandbox,
    owner_connection: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox)
    owner_connection.execute("select pg_advisory_lock(%s)", [broker.lock_key(connection.pk)])
    monkeypatch.setattr(broker, "LONGEST_WAIT_SECONDS", 0.3)
    with pytest.raises(errors.OrgUnavailable, match="Another process"):
        broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
    assert sandbox.state()["token_requests"] == 0


@pytest.mark.django_db
def test_a_valid_token_is_used_again(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.connect(cast, sandbox)
    first = broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
    second = broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
    assert first == second
    assert sandbox.state()["token_requests"] == 1


@pytest.mark.django_db
def test_a_stale_token_is_replaced_but_a_newer_one_is_not(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": connection.pk}
    first = broker.access_token(**ids)
    second = broker.access_token(**ids, stale=first.access_token)
    assert second.access_token != first.access_token
    assert broker.access_token(**ids, stale=first.access_token) == second


@pytest.mark.django_db
def test_a_refused_refresh_keeps_the_old_token_and_says_why(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme():
        before = selectors.token_of(connection).access_token
    sandbox.fault("token_inactive_user")
    with pytest.raises(errors.GrantRefused):
        broker.refresh(tenant_id=cast.acme.pk, connection_id=connection.pk)
    with cast.at_acme():
        row = selectors.token_of(connection)
        assert row.access_token == before
        assert row.refused_code == "crm_grant_refused"
        assert "inactive" in row.refused_words
    failing = orgs.reread(cast.acme.pk, connection)
    assert (failing.state, failing.last_error) == ("failing", row.refused_words)


@pytest.mark.django_db
def test_a_token_is_renewed_before_it_ends(cast: Cast, sandbox: RunningSandbox) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    ids = {"tenant_id": str(cast.acme.pk), "connection_id": str(connection.pk)}
    tasks.refresh_token(**ids)
    assert sandbox.state()["token_requests"] == 1  # not due yet
    with cast.at_acme():
        soon = database_now() + timedelta(minutes=5)
        OrgToken.objects.filter(connection=connection).update(expires_at=soon)
    tasks.refresh_token(**ids)
    tasks.refresh_token(**ids)
    assert sandbox.state()["token_requests"] == 2
    with cast.at_acme():
        assert selectors.token_of(connection).generation == 2


@pytest.mark.django_db
def test_a_refused_grant_rests_before_it_is_tried_again(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    now = database_now()
    with cast.at_acme():
        row = selectors.token_of(connection)
        row.expires_at, row.refused_at = now, now
        assert not broker.is_due(row, now=now + timedelta(minutes=1))
        assert broker.is_due(row, now=now + timedelta(minutes=16))


@pytest.mark.django_db
def test_a_host_that_is_no_longer_allowed_is_not_called(
    cast: Cast, sandbox: RunningSandbox, settings: Settings
) -> None:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    settings.EXTRA_ORG_HOSTS = []
    before = sandbox.state()["api_calls"]
    checked = orgs.check(cast, connection)
    assert checked.state == "failing"
    assert "no longer call" in checked.last_error
    assert sandbox.state()["api_calls"] == before


@pytest.mark.django_db
def test_a_failing_org_is_checked_again_after_a_while(cast: Cast, sandbox: RunningSandbox) -> None:
    sandbox.fault("server_unavailable", when="always", path="/services/oauth2/token")
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    assert connection.state == "failing"
    now = database_now()
    with cast.at_acme():
        assert connections.requeue_checks(now=now) == 0
        assert connections.requeue_checks(now=now + timedelta(minutes=16)) == 1
        assert connections.requeue_checks(now=now + timedelta(minutes=17)) == 0
    sandbox.clear_faults()
    assert orgs.check(cast, connection).state == "healthy"


@pytest.mark.django_db
def test_the_sweep_sends_each_tenant_its_own_round(
    cast: Cast,
    sandbox: RunningSandbox,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    sent: list[tuple[str, dict[str, str]]] = []

    def note(name: str, kwargs: dict[str, str], **_: object) -> None:
        sent.append((name, kwargs))

    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme():
        soon = database_now() + timedelta(minutes=5)
        OrgToken.objects.filter(connection=connection).update(expires_at=soon)
    monkeypatch.setattr(current_app, "send_task", note)
    tasks.sweep_tenants()
    acme = {"tenant_id": str(cast.acme.pk)}
    assert ("crm.sweep", acme) in sent
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep(**acme)
    assert sent[-1] == ("crm.refresh_token", {**acme, "connection_id": str(connection.pk)})
