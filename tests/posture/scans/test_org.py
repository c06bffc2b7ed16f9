"""Scanning an org by the Tooling API, against the sandbox org over HTTP."""

import pytest

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.crm.models import Connection
from apps.posture.models import Scan, ScanAddress, ScanFinding
from apps.posture.scans import services
from tests.cast import Cast
from tests.posture.scans.zips import run

pytestmark = pytest.mark.django_db


def ask_org(cast: Cast, connection: Connection, name: str = "bob") -> Scan:
    with cast.at_acme(name) as person:
        return services.scan_org(actor=person, connection_id=connection.pk, now=database_now())


def test_an_orgs_code_and_addresses_are_scanned_and_the_rest_is_unknown(
    cast: Cast, connection: Connection
) -> None:
    scan = run(cast, ask_org(cast, connection))

    assert (scan.state, scan.error) == ("incomplete", "")
    assert {path for path, _ in scan.unread} >= {"flows/*.flow", "objects/*.object"}
    with cast.at_acme():
        found = set(ScanFinding.objects.filter(scan=scan).values_list("rule", "path"))
        hosts = set(ScanAddress.objects.filter(scan=scan).values_list("host", flat=True))
    assert ("egress-llm", "classes/ContractCopilot.cls") in found
    assert ("full-record", "classes/ContractCopilot.cls") in found
    assert ("egress-llm", "remoteSiteSettings/OpenAI.remoteSite") in found
    assert not any(path == "classes/CaseReader.cls" for _, path in found)
    assert hosts == {"api.openai.com", "maps.example.fr", "payroll.example.de"}


def test_an_org_is_scanned_by_those_who_operate_it_and_once_at_a_time(
    cast: Cast, connection: Connection
) -> None:
    with pytest.raises(Denied):
        ask_org(cast, connection, "rita")
    ask_org(cast, connection)
    with pytest.raises(Conflict):
        ask_org(cast, connection)


def test_a_scan_of_an_org_that_is_away_fails_in_words(cast: Cast, connection: Connection) -> None:
    asked = ask_org(cast, connection)
    with cast.at_acme():
        Connection.objects.filter(pk=connection.pk).update(state="disconnected")
    scan = run(cast, asked)

    assert scan.state == "failed"
    assert scan.error
