"""A process that is killed while it gets a token, at any point, leaves a connection that works."""

from typing import Any
from uuid import UUID

import pytest

from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm import broker, errors, selectors
from apps.crm.models import Connection, OrgToken
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from tests.cast import Cast, make_cast
from tests.crm import orgs
from tests.crm.apart import MOMENTS, ask_from_processes, refresh_and_be_killed
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db(transaction=True)


def end_token(tenant_id: UUID, connection: Connection) -> None:
    with scoped(tenant_id=tenant_id):
        OrgToken.objects.filter(connection=connection).update(expires_at=database_now())


def require_working(tenant_id: UUID, connection: Connection, *, after: str) -> None:
    with open_org(tenant_id=tenant_id, connection_id=connection.pk) as org:
        assert org.count("SELECT COUNT() FROM Organization") == 1, after


def flow_of(name: str, sandbox: RunningSandbox) -> dict[str, Any]:
    if name == "refresh_token":
        return orgs.consented(sandbox)
    secret = {"private_key": "", "client_secret": sandbox.info["consumer_secret"]}
    return {"flow": name, **({} if name == "jwt_bearer" else secret)}


@pytest.mark.parametrize("flow", ["jwt_bearer", "client_credentials", "refresh_token"])
def test_a_refresher_killed_at_any_point_and_twice_leaves_a_working_connection(
    sandbox: RunningSandbox, flow: str
) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox, **flow_of(flow, sandbox))
    for moment in MOMENTS:
        for _ in range(2 if moment.startswith("between") else 1):
            end_token(cast.acme.pk, connection)
            refresh_and_be_killed(cast.acme.pk, connection.pk, moment=moment)
        require_working(cast.acme.pk, connection, after=moment)


def _without_second(cast: Cast, sandbox: RunningSandbox) -> Connection:
    return orgs.connect(cast, sandbox, **orgs.consented(sandbox), private_key="", username="")


def test_a_rotated_token_that_was_saved_outlives_its_process(sandbox: RunningSandbox) -> None:
    cast = make_cast()
    connection = _without_second(cast, sandbox)
    for moment in ("before the request", "between save and use"):
        end_token(cast.acme.pk, connection)
        refresh_and_be_killed(cast.acme.pk, connection.pk, moment=moment)
        require_working(cast.acme.pk, connection, after=moment)


def test_a_rotated_token_lost_before_it_was_saved_is_said_when_there_is_no_key(
    sandbox: RunningSandbox,
) -> None:
    cast = make_cast()
    connection = _without_second(cast, sandbox)
    refresh_and_be_killed(cast.acme.pk, connection.pk, moment="between answer and save")
    with pytest.raises(errors.GrantRefused, match="Authorise the app again"):
        broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)


def test_the_key_takes_over_from_an_ended_refresh_token_and_this_is_recorded(
    sandbox: RunningSandbox,
) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox, **orgs.consented(sandbox))
    refresh_and_be_killed(cast.acme.pk, connection.pk, moment="between answer and save")
    require_working(cast.acme.pk, connection, after="the refresh token was lost")
    with scoped(tenant_id=cast.acme.pk):
        assert selectors.token_of(connection).refresh_token == ""
        events = ledger.list_events(action="crm.token.refreshed", target_id=str(connection.pk))
        assert [ledger.data_of(event).get("second_grant") for event in events] == [True]


def test_many_workers_on_one_expiring_token_cause_one_request(sandbox: RunningSandbox) -> None:
    cast = make_cast()
    connection = orgs.connect(cast, sandbox)
    broker.access_token(tenant_id=cast.acme.pk, connection_id=connection.pk)
    end_token(cast.acme.pk, connection)
    got = ask_from_processes(cast.acme.pk, connection.pk, processes=4, threads=16)
    assert len(got) == 64
    assert len(set(got)) == 1 and "!" in got[0]
    assert sandbox.state()["token_requests"] == 2
