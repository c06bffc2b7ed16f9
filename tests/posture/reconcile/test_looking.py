"""From an org's real files to findings about it."""

from datetime import timedelta

import pytest
import requests

from apps.common.clock import database_now
from apps.crm.client import many
from apps.crm.eventlogs import listing, taking
from apps.crm.models import Connection, LogRow
from apps.crm.session import open_org
from apps.posture.models import Finding, LogComparison
from apps.posture.reconcile.looking import compare_due, compare_logs
from tests.cast import Cast
from tests.crm.eventlogs.test_usage import add_file, add_row
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def short_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FIRST_DAYS", 1)
    monkeypatch.setattr(listing, "TAKEN_TYPES", ("ApiTotalUsage",))


def compared(cast: Cast, sandbox: RunningSandbox, connection: Connection) -> LogComparison:
    sandbox.admin("POST", "event_logs", json={"hours": 0})
    taking.take_logs(tenant_id=cast.acme.pk, connection_id=connection.pk)
    with cast.at_acme():
        assert compare_due(now=database_now()) == 1
        assert compare_due(now=database_now()) == 0  # nothing new
        found: LogComparison = LogComparison.objects.get()
    return found


def test_the_consoles_own_calls_agree_with_the_orgs_log(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        many.delete(org, ["0PaMa0000009998AAA", "0PaMa0000009999AAA"])
        [parent] = org.request_ids
    found = compared(cast, sandbox, connection)
    with cast.at_acme():
        row = LogRow.objects.get(request_id=parent)  # its parts are in no row
    assert "/composite/" in row.resource
    assert found.matched > 1
    assert (found.unrecorded_count, found.unseen_count) == (0, 0)
    assert "in no log file" in found.words  # five of the seven days


def test_a_call_with_the_consoles_token_that_is_not_in_the_ledger_is_found(
    cast: Cast, sandbox: RunningSandbox, connection: Connection
) -> None:
    with open_org(tenant_id=cast.acme.pk, connection_id=connection.pk) as org:
        token = org._token
    answer = requests.get(
        f"{sandbox.url}/services/data/v62.0/query",
        params={"q": "SELECT Id FROM Contact"},
        headers={"Authorization": f"Bearer {token}", "X-SFDC-REQUEST-ID": "stolen" * 5},
        verify=sandbox.verify,
        timeout=10,
    )
    assert answer.status_code == 200
    found = compared(cast, sandbox, connection)
    assert found.unrecorded_count == 1
    assert found.unrecorded[0]["request"] == "stolen" * 5
    with cast.at_acme():
        finding = Finding.objects.get(kind="reconcile.not-in-ledger")
    assert (finding.level, finding.detail["calls"]) == ("error", 1)


def test_without_logs_nothing_is_claimed(cast: Cast, connection: Connection) -> None:
    with cast.at_acme():
        found = compare_logs(connection, now=database_now())
        assert "unknown" in found.words and "unknown" in found.volume_words
        assert not Finding.objects.exists()


def test_a_flood_of_calls_becomes_a_finding_with_its_numbers(
    cast: Cast, connection: Connection
) -> None:
    with cast.at_acme():
        now = database_now().replace(minute=0, second=0, microsecond=0)
        first = now.replace(hour=0) - timedelta(days=21)
        for day in range(21):
            add_file(connection, "ApiTotalUsage", first + timedelta(days=day), 24)
        late = add_file(connection, "ApiTotalUsage", now.replace(hour=0) - timedelta(days=1), 24)
        hour = late.starts_at + timedelta(hours=3)
        LogRow.objects.bulk_create(
            LogRow(
                file=late,
                connection=connection,
                event_type="ApiTotalUsage",
                at=hour + timedelta(seconds=number),
                app_id="0H4000000000001",
                app_name="Loader",
            )
            for number in range(80)
        )
        add_row(late, hour, app_id="0H4000000000002", app_name="Quiet")
        found = compare_logs(connection, now=now)
        finding = Finding.objects.get(kind="volume.above-usual")
    assert [each["name"] for each in found.deviations] == ["Loader"]
    assert finding.detail["calls"] == 80 and finding.detail["median"] == 0
    assert finding.detail["hour"] == hour.isoformat()
    assert finding.observed_from == hour
