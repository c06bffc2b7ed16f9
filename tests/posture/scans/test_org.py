"""Scanning an org by the Tooling API, against the sandbox org over HTTP."""

import pytest

from apps.common.clock import database_now
from apps.common.errors import Conflict, Denied
from apps.crm.models import Connection
from apps.posture.models import Finding, Scan, ScanAddress, ScanFinding
from apps.posture.scans import services
from tests.cast import Cast
from tests.fakes.sandbox import RunningSandbox
from tests.posture.scans.zips import QUIET, run

pytestmark = pytest.mark.django_db


def ask_org(cast: Cast, connection: Connection, name: str = "bob") -> Scan:
    with cast.at_acme(name) as person:
        return services.scan_org(actor=person, connection_id=connection.pk, now=database_now())


FOUND = {
    ("egress-llm", "classes/ContractCopilot.cls"),
    ("full-record", "classes/ContractCopilot.cls"),
    ("egress-llm", "remoteSiteSettings/OpenAI.remoteSite"),
    ("egress-llm", "lwc/caseAssistant/caseAssistant.js"),
    ("egress-outside", "aura/StatusBoard/StatusBoard.cmp"),
    ("egress-outside", "pages/OpenCases.page"),
    ("egress-outside", "staticresources/charts.js"),
    ("egress-outside", "workflows/Case.workflow"),
    ("egress-llm", "namedCredentials/Claude.namedCredential"),
    ("egress-outside", "namedCredentials/Payroll.namedCredential"),
    ("llm-mentioned", "externalServiceRegistrations/CaseSummaries.externalServiceRegistration"),
    ("secret", "customMetadata/Enrichment.Companies.md"),
    ("field-unencrypted", "objects/Case.object"),
    ("app-full-scope", "extlClntAppOauthSettings/Contract_Copilot.ecaOauth"),
    ("app-full-scope", "connectedApps/HR_Insights.connectedApp"),
    ("app-no-ip-limit", "connectedApps/HR_Insights.connectedApp"),
    ("app-token-forever", "connectedApps/HR_Insights.connectedApp"),
    ("integration-tool", "installedPackages/Heroku Connect.installedPackage"),
    ("api-access-open", "settings/ConnectedApp.settings"),
    ("session-loose", "settings/Security.settings"),
    ("dangerous-permission", "profiles/System Administrator.profile"),
    ("profile-no-ip-limit", "profiles/System Administrator.profile"),
    ("egress-outside", "authproviders/Staff_Directory.authprovider"),
}


def test_an_org_is_scanned_whole(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    policy = "PermittedUsersPolicyType"
    approved, alone = {policy: "AdminApprovedPreAuthorized"}, {policy: "AllSelfAuthorized"}
    change(sandbox, "ExtlClntAppOauthPlcyCnfg", approved, alone)
    scan = run(cast, ask_org(cast, connection))

    assert (scan.state, scan.unread) == ("complete", [])
    with cast.at_acme():
        found = set(ScanFinding.objects.filter(scan=scan).values_list("rule", "path"))
        hosts = set(ScanAddress.objects.filter(scan=scan).values_list("host", flat=True))
    assert found >= FOUND
    told = {path.partition("/")[0] for rule, path in found if rule == "app-self-authorized"}
    assert told == {"connectedApps", "extlClntAppOauthPolicies"}
    assert not any(path == "classes/CaseReader.cls" for _, path in found)
    assert hosts >= {"help.example.fr", "enrich.example.us", "erp.example.de", "maps.example.fr"}


def test_what_the_org_does_not_tell_is_unknown_and_settles_nothing(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    run(cast, ask_org(cast, connection))
    change(sandbox, "ApexClass", {"Name": "ContractCopilot"}, {"Body": QUIET})
    change(sandbox, "RemoteProxy", {"SiteName": "OpenAI"}, {"IsActive": False})
    sandbox.fault("insufficient_access", path="/tooling/query")  # the first kind: classes
    scan = run(cast, ask_org(cast, connection))

    assert (scan.state, [path for path, _ in scan.unread]) == ("incomplete", ["classes/*.cls"])
    assert states(cast)["classes/ContractCopilot.cls#api.openai.com"] == "open"
    assert states(cast)["remoteSiteSettings/OpenAI.remoteSite#api.openai.com"] == "fixed"
    run(cast, ask_org(cast, connection))
    assert states(cast)["classes/ContractCopilot.cls#api.openai.com"] == "fixed"


def test_one_component_that_the_org_cannot_tell_is_unknown_and_the_rest_is_read(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    change(sandbox, "NamedCredential", {"DeveloperName": "Payroll"}, {"Metadata": None})
    change(sandbox, "RemoteProxy", {"SiteName": "OpenAI"}, {"SiteName": "../a/b"})
    sandbox.fault("server_unavailable", when="always", path="/tooling/sobjects/StaticResource")
    scan = run(cast, ask_org(cast, connection))

    assert scan.unread == [
        ["staticresources/charts.js", "the org breaks off when asked for it"],
        ["namedCredentials/Payroll.namedCredential", "the org does not tell its settings"],
    ]
    with cast.at_acme():
        paths = set(ScanAddress.objects.filter(scan=scan).values_list("path", flat=True))
    assert "remoteSiteSettings/.._a_b.remoteSite" in paths
    assert "namedCredentials/Claude.namedCredential" in paths


def test_what_guests_are_given_is_unknown_while_a_guest_is_active(
    cast: Cast, connection: Connection, sandbox: RunningSandbox
) -> None:
    change(sandbox, "User", {"Alias": "arahman"}, {"UserType": "Guest"})
    scan = run(cast, ask_org(cast, connection))

    assert [path for path, _ in scan.unread] == ["sharingRules/*.sharingRules"]


def change(sandbox: RunningSandbox, kind: str, where: object, values: object) -> None:
    sandbox.admin("POST", "change", json={"sobject": kind, "where": where, "values": values})


def states(cast: Cast) -> dict[str, str]:
    with cast.at_acme():
        return dict(Finding.objects.filter(source="scan").values_list("subject", "state"))


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
