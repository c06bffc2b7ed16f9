"""What is unusual about an org's sign-ins is noticed once, and becomes a finding."""

from datetime import timedelta
from typing import Any

import pytest

from apps.common.clock import database_now
from apps.common.errors import DomainError
from apps.crm import broker, services
from apps.crm.anomalies.noticing import NOTICED, REFUSALS, watch_sign_ins
from apps.crm.models import Connection, Sighting, Snapshot, SnapshotAccount
from apps.crm.services import snapshots
from apps.crm.session import open_org
from apps.ledger import selectors as ledger
from apps.posture.findings.anomalies import report_anomalies
from apps.posture.models import Finding
from tests.cast import Cast
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def org(cast: Cast, sandbox: RunningSandbox) -> Connection:
    """An org whose inventory is known and whose sign-ins were looked at once."""
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme("bob") as bob:
        asked = services.take_snapshot(actor=bob, connection_id=connection.pk, now=database_now())
    snapshots.read_snapshot(tenant_id=cast.acme.pk, snapshot_id=asked.pk)
    assert look(cast, connection) == []
    return connection


def look(cast: Cast, connection: Connection) -> list[dict[str, Any]]:
    """What all looks so far noticed, oldest first."""
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": connection.pk}
    with open_org(**ids) as org:
        assert watch_sign_ins(org, **ids)
    return noticed(cast, connection)


def noticed(cast: Cast, connection: Connection) -> list[dict[str, Any]]:
    with cast.at_acme():
        events = ledger.list_events(action=NOTICED, target_id=str(connection.pk))
        return [ledger.data_of(event) for event in events.order_by("at", "id")]


def an_integration_user(cast: Cast, connection: Connection) -> str:
    """One that was seen signing in."""
    with cast.at_acme():
        snapshot = Snapshot.objects.get(connection=connection)
        met = Sighting.objects.filter(connection=connection, kind="address").values("account")
        accounts = SnapshotAccount.objects.filter(snapshot=snapshot, org_user_id__in=met)
        return str(accounts.order_by("org_user_id")[0].org_user_id)


def sign_in(sandbox: RunningSandbox, account: str, *, times: int = 1, **other: Any) -> None:
    row = {
        "UserId": account,
        "LoginTime": f"{database_now():%Y-%m-%dT%H:%M:%S.000+0000}",
        "LoginType": "Remote Access 2.0",
        "SourceIp": "127.0.0.1",
        "Status": "Success",
        "Application": "Bailiwick Console",
    }
    sandbox.seed(records={"LoginHistory": [{**row, **other}] * times})


def test_a_new_address_of_an_integration_user_is_noticed_once_and_becomes_a_finding(
    cast: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    account = an_integration_user(cast, org)
    sign_in(sandbox, account, SourceIp="192.0.2.200")
    for _ in range(2):
        (only,) = look(cast, org)
    assert (only["code"], only["about"]) == ("new_address", f"{account}|192.0.2.0/24")
    assert "192.0.2.200" not in str(only)
    with cast.at_acme():
        assert report_anomalies(now=database_now()) == 1
        finding = Finding.objects.get(source="anomaly")
        assert finding.connection == org and finding.level == "warning"
        assert finding.title.startswith("An integration user signed in from a new address")
        assert report_anomalies(now=database_now()) == 0
    with cast.at_globex():
        assert not Finding.objects.exists() and not Sighting.objects.exists()


def test_a_client_that_no_snapshot_knows_is_noticed_once(
    cast: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    person = sandbox.info["username"]
    with open_org(tenant_id=cast.acme.pk, connection_id=org.pk) as opened:
        (user,) = opened.query(f"SELECT Id FROM User WHERE Username = '{person}'")
    sign_in(sandbox, user["Id"], Application="My Ticket Portal")
    sign_in(sandbox, user["Id"], Application="data loader")  # known, however it is written
    sign_in(sandbox, user["Id"], Application="Browser", LoginType="Application")
    for _ in range(2):
        (only,) = look(cast, org)
    assert (only["code"], only["about"]) == ("unknown_client", "My Ticket Portal")


def test_a_burst_of_failed_sign_ins_is_told_once_while_it_lasts(
    cast: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    account = an_integration_user(cast, org)
    refused = {"Status": "Invalid Password", "SourceIp": "Salesforce.com IP"}
    sign_in(sandbox, account, times=9, **refused)
    assert look(cast, org) == []
    for _ in range(2):
        sign_in(sandbox, account, times=3, **refused)
        (only,) = look(cast, org)
    assert (only["code"], only["about"]) == ("failed_sign_ins", account)


def test_a_sign_in_of_our_own_that_is_refused_again_and_again_is_noticed_once(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = orgs.connect(cast, sandbox)
    sandbox.fault("token_inactive_user", when="always")
    for _ in range(REFUSALS + 2):
        with pytest.raises(DomainError):
            broker.refresh(tenant_id=cast.acme.pk, connection_id=connection.pk)
    assert [each["code"] for each in noticed(cast, connection)] == ["own_sign_in_refused"]


def test_a_history_that_is_not_shown_is_no_all_clear(
    cast: Cast, sandbox: RunningSandbox, org: Connection
) -> None:
    sandbox.fault("insufficient_access", when="always", path="/query")
    ids: dict[str, Any] = {"tenant_id": cast.acme.pk, "connection_id": org.pk}
    with cast.at_acme():
        before = Sighting.objects.latest("last_at").last_at
    with open_org(**ids) as opened:
        assert watch_sign_ins(opened, **ids) is False
    with cast.at_acme():
        assert Sighting.objects.latest("last_at").last_at == before
        assert before < database_now() + timedelta(seconds=1)
