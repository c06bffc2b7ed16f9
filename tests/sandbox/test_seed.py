"""The org as it is seeded, and seeding in quantity."""

import re

import pytest

from tests.fakes.sandbox import RunningSandbox
from tests.sandbox.client import OrgClient, app_named, log_in_as_app

RESERVED = re.compile(r"(\.|@)example\.(com|org)$")


def test_the_organisation_tells_where_it_is(org: OrgClient) -> None:
    row = org.rows("SELECT Id, Name, InstanceName, IsSandbox FROM Organization")[0]
    assert (row["Id"], row["Name"]) == (org.sandbox.info["org_id"], "acme-prod")
    assert (row["InstanceName"], row["IsSandbox"]) == ("DEU42", False)


def test_both_kinds_of_app_are_there(org: OrgClient) -> None:
    external = {
        row["MasterLabel"] for row in org.rows("SELECT MasterLabel FROM ExternalClientApplication")
    }
    connected = {row["Name"] for row in org.rows("SELECT Name FROM ConnectedApplication")}
    assert {"Contract Copilot", "Bailiwick Console"} <= external
    assert {"Data Loader", "HR Insights", "Heroku Sync"} <= connected
    assert len(external | connected) == 8


def test_six_integration_users_are_api_only(org: OrgClient) -> None:
    rows = org.rows(
        "SELECT Username FROM User "
        "WHERE Profile.Name = 'Salesforce API Only System Integrations' "
        "AND Profile.UserLicense.Name = 'Salesforce Integration'"
    )
    assert len(rows) == 6


def test_every_token_leads_to_its_app(org: OrgClient) -> None:
    rows = org.rows("SELECT AppName, AppMenuItem.Label, AppMenuItem.ApplicationId FROM OauthToken")
    assert len(rows) == 60
    assert all(row["AppMenuItem"]["Label"] == row["AppName"] for row in rows)


def test_every_address_is_in_a_domain_kept_for_examples(org: OrgClient) -> None:
    found = org.rows("SELECT SuppliedEmail, ContactEmail FROM Case")
    addresses = {row[name] for row in found for name in ("SuppliedEmail", "ContactEmail")}
    addresses |= {row["Email"] for row in org.rows("SELECT Email FROM User")}
    assert addresses
    assert all(RESERVED.search(address) for address in addresses)


def test_half_the_cases_are_open(org: OrgClient) -> None:
    rows = org.rows("SELECT IsClosed, Subject, Description FROM Case")
    assert [row["IsClosed"] for row in rows].count(False) == len(rows) / 2 == 20
    assert all(row["Subject"] and row["Description"] for row in rows)


def test_a_reset_brings_back_the_same_ids_and_keys(org: OrgClient) -> None:
    key = app_named(org.sandbox, "Contract Copilot")["consumer_key"]
    ids = {row["Id"] for row in org.rows("SELECT Id FROM Case")}
    org.sandbox.reset()
    again = log_in_as_app(org.sandbox, "Bailiwick Console")
    assert org.get("/limits").status_code == 401
    assert {row["Id"] for row in again.rows("SELECT Id FROM Case")} == ids
    assert app_named(org.sandbox, "Contract Copilot")["consumer_key"] == key


def test_apps_and_records_are_added_in_quantity(org: OrgClient) -> None:
    added = org.sandbox.seed(
        apps=3, tokens=10, app="Bulk App 5", user="svc-hr@acme-prod.example.com"
    )
    assert added == {"apps": 3, "tokens": 10}
    counted = org.query("SELECT COUNT() FROM OauthToken WHERE AppName = 'Bulk App 5'").json()
    assert counted["totalSize"] == 10


@pytest.mark.parametrize(
    "wrong",
    [{"tokens": -1}, {"tokens": 5, "app": "None"}, {"records": {"Case": [{"Nope": 1}]}}],
)
def test_a_wrong_seed_is_refused_and_adds_nothing(
    sandbox_org: RunningSandbox, wrong: dict[str, object]
) -> None:
    before = sandbox_org.state()["records"]
    with pytest.raises(AssertionError, match="400"):
        sandbox_org.seed(**wrong)
    assert sandbox_org.state()["records"] == before
