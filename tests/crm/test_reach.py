"""What a snapshot reads beside its sources: ranges, apps in use, objects and fields."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from apps.common.scope import scoped
from apps.crm.inventory import usage
from apps.crm.inventory.beside import NOT_UNDERSTOOD, Beside, read_beside
from apps.crm.inventory.read import LABELS
from apps.crm.inventory.reading import Source
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotAccount,
    SnapshotApp,
    SnapshotAssignment,
    SnapshotField,
    SnapshotPermissionSet,
)
from apps.crm.services.watching import watch_objects
from tests.cast import Cast
from tests.crm import orgs
from tests.crm.test_snapshots import take
from tests.fakes.sandbox import RunningSandbox

pytestmark = pytest.mark.django_db
OFFICE = "198.51.100.0-198.51.100.255"


def watched(cast: Cast, sandbox: RunningSandbox, *objects: str) -> Connection:
    connection = orgs.check(cast, orgs.connect(cast, sandbox))
    with cast.at_acme():
        watch_objects(connection, objects)
    return connection


def test_a_snapshot_tells_ranges_apps_in_use_objects_and_fields(
    cast: Cast, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "PER_PAGE", 2)  # apps in use come page by page
    connection = watched(cast, sandbox, "Contact", "Case", "Nothing__c")
    item = {"Name": "Shadow_Sync", "Label": "Shadow Sync", "ApplicationId": "0H4Sh0000000001AAA"}
    sandbox.seed(records={"AppMenuItem": [item]})
    sandbox.seed(app="Shadow Sync", tokens=2)
    snapshot = take(cast, connection)
    assert snapshot.state == "complete", snapshot.sources
    assert snapshot.beside["refused"] == {}
    assert snapshot.beside["trusted_ranges"] == ["192.0.2.0-192.0.2.255"]
    assert snapshot.beside["fields_unread"] == {"Nothing__c": "The org knows no such object."}
    with cast.at_acme():
        apps = {each.label: each for each in SnapshotApp.objects.filter(snapshot=snapshot)}
        assert apps["Bailiwick Console"].ip_ranges == [OFFICE]
        assert apps["Contract Copilot"].ip_ranges == apps["Data Loader"].ip_ranges == []
        assert apps["Contract Copilot"].in_use is True
        shadow = apps["Shadow Sync"]
        assert (shadow.kind, shadow.scopes, shadow.token_count) == ("not_installed", None, 2)
        service = account(snapshot, "svc-copilot@")
        assert apps["Contract Copilot"].runs_as == service.org_user_id
        assert service.login_ranges == [OFFICE]
        [held] = SnapshotAssignment.objects.filter(
            account=service, label="Contract Copilot runtime"
        )
        [given] = SnapshotPermissionSet.objects.filter(snapshot=snapshot, set_id__in=held.set_ids)
        assert given.objects_given == {"Account": "R", "Contact": "R", "Case": "R"}
        console = SnapshotPermissionSet.objects.get(snapshot=snapshot, label="Bailiwick Console")
        assert console.fields_given == {"Case.LLM_Summary__c": "RE"}
        kept = {
            (each.object_name, each.field_name): (each.classification, each.encrypted)
            for each in SnapshotField.objects.filter(snapshot=snapshot).exclude(classification="")
        }
        in_use = SnapshotApp.objects.filter(snapshot=snapshot, in_use=True).count()
        with_tokens = SnapshotApp.objects.filter(snapshot=snapshot, token_count__gt=0).count()
    assert kept["Contact", "Email"] == ("Confidential", False)
    assert ("Restricted", True) in kept.values()
    assert in_use == with_tokens > 4
    with scoped(tenant_id=cast.globex.pk):
        assert not SnapshotField.objects.exists() and not SnapshotPermissionSet.objects.exists()


def test_what_an_org_refuses_beside_its_sources_is_unknown_and_leaves_the_rest_complete(
    cast: Cast, sandbox: RunningSandbox
) -> None:
    connection = watched(cast, sandbox, "Contact")
    for path in ("/apps/oauth/usage", "/tooling"):
        sandbox.fault("insufficient_access", when="always", path=path)
    snapshot = take(cast, connection)
    assert snapshot.state == "complete"
    assert set(snapshot.beside["refused"]) == {"trusted_ranges", "used_apps"}
    assert snapshot.beside["trusted_ranges"] is None
    page = cast.client("bob").get(reverse("crm:snapshot", args=[snapshot.pk])).content.decode()
    assert "Trusted ranges of the org" in page and "list of apps in use" in page
    with cast.at_acme():
        apps = SnapshotApp.objects.filter(snapshot=snapshot)
        assert {each.in_use for each in apps} == {None}
        assert apps.get(label="Data Loader").ip_ranges is None
        assert account(snapshot, "svc-copilot@").login_ranges is None
        assert SnapshotField.objects.filter(snapshot=snapshot).exists()


class Odd:
    """An org that answers every question with something else."""

    host = "acme.my.salesforce.com"

    def query(self, soql: str) -> Iterator[dict[str, Any]]:
        yield {"attributes": None}

    tooling_query = query

    def ask(self, *args: object, **more: object) -> dict[str, Any]:
        return {"apps": [{"identifier": 7}, 8], "compositeResponse": [None, {"body": 9}]}


def test_odd_answers_leave_a_part_unknown_and_nothing_else() -> None:
    sources = {name: Source(name, label) for name, label in LABELS.items()}
    found = Beside()
    org: Any = Odd()
    read_beside(org, sources, found, watched=["Case"])
    assert found.refused == dict.fromkeys(("client_ranges", "fields"), NOT_UNDERSTOOD)
    assert found.trusted_ranges is None and found.login_ranges == {}
    assert [each["identifier"] for each in found.used_apps or []] == [7]


def account(snapshot: Snapshot, starts: str) -> SnapshotAccount:
    rows = SnapshotAccount.objects.filter(snapshot=snapshot)
    return next(each for each in rows if each.username.startswith(starts))
