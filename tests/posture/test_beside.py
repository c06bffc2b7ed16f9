"""What a snapshot told beside its sources, as findings: addresses, reach, fields, strangers."""

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.crm.anomalies.models import Sighting
from apps.crm.models import (
    Connection,
    Snapshot,
    SnapshotApp,
    SnapshotField,
    SnapshotPermissionSet,
)
from apps.posture.models import AppPurpose, Finding
from apps.posture.scopes import looking
from apps.residency import services
from tests.cast import Cast
from tests.posture.governed import make_governed
from tests.residency.made import permit, publish_now
from tests.reviews import made_up

pytestmark = pytest.mark.django_db
INSIDE, BEYOND = "198.51.100.0-198.51.100.99", "203.0.113.64-203.0.113.127"
READ: dict[str, Any] = {"refused": {}, "fields_unread": {}, "trusted_ranges": [INSIDE]}


def an_org(alice: User, *networks: str) -> Connection:
    """An org in a zone whose ranges are in force."""
    org = made_up.make_connection()
    permit(alice, "Fit to EU", "fit", "allow", org.zone.pk)
    services.change_zone(
        actor=alice, zone_id=org.zone_id, jurisdictions=["DE"], networks=networks,
        now=database_now(),
    )  # fmt: skip
    publish_now(alice)
    return org


def a_snapshot(org: Connection, *, later: int = 0, **values: Any) -> Snapshot:
    at = database_now() + timedelta(seconds=later)
    return made_up.make_snapshot(org, **{"beside": READ, "taken_at": at, **values})


def an_app(snapshot: Snapshot, number: int, label: str, **values: Any) -> SnapshotApp:
    fenced = {"ip_relaxation": "Enforce", "ip_ranges": [INSIDE]}
    app: SnapshotApp = made_up.add_app(
        snapshot, label, org_app_id=f"0xI00000000000{number}", **{**fenced, **values}
    )
    return app


def judged(snapshot: Snapshot) -> Snapshot:
    looking.judge_snapshot(snapshot, now=database_now() + timedelta(seconds=60))
    return snapshot


def found(kind: str) -> list[Finding]:
    return list(Finding.objects.filter(kind=kind).order_by("subject"))


def test_apps_that_reach_outside_their_zones_ranges_are_findings_naming_them(cast: Cast) -> None:
    with cast.at_acme() as alice:
        org = an_org(alice, "198.51.100.0/24")
        snapshot = a_snapshot(org)
        an_app(snapshot, 1, "Inside")
        an_app(snapshot, 2, "Beyond", ip_ranges=[BEYOND, INSIDE])
        an_app(snapshot, 3, "Relaxed", ip_relaxation="Bypass")
        an_app(snapshot, 4, "In name only", ip_ranges=[])
        an_app(snapshot, 5, "By its profile", ip_ranges=[], runs_as=made_up.SERVICE_USER)
        an_app(snapshot, 6, "Not told", ip_ranges=None)
        made_up.add_account(snapshot, profile="Integration", login_ranges=[INSIDE, BEYOND])
        made_up.add_account(
            snapshot, made_up.OTHER_USER, profile="Sales", login_ranges=[], is_integration=False
        )
        an_app(snapshot, 7, "Used by people", ip_ranges=[])
        made_up.add_token(snapshot, app_name="Used by people", user_id=made_up.OTHER_USER)
        judged(snapshot)
        [beyond] = found("scopes.outside-zone-ranges")
        assert beyond.title == f"Beyond may be used from {BEYOND}, outside EU core"
        assert beyond.level == "error" and "198.51.100.0/24" in beyond.fix
        assert beyond.detail["outside"] == [BEYOND]
        relaxed, unnamed, by_people = found("scopes.any-address")
        assert by_people.title.startswith("Used by people") and "profile Sales" in by_people.fix
        assert relaxed.title.startswith("Relaxed") and "198.51.100.0/24" in relaxed.fix
        assert unnamed.title.startswith("In name only may be used from any address")
        [unknown] = found("scopes.addresses-unknown")
        assert unknown.detail == {"apps": ["Not told"]}
        [profile] = found("accounts.login-ranges-outside-zone")
        assert BEYOND in profile.fix and profile.subject == "profile:Integration"
        assert not found("scopes.trusted-ranges-outside-zone")


def test_what_was_outside_and_is_not_told_any_more_stays_open(cast: Cast) -> None:
    with cast.at_acme() as alice:
        org = an_org(alice, "198.51.100.0/24")
        first = a_snapshot(org, beside={**READ, "trusted_ranges": [BEYOND]})
        an_app(first, 2, "Beyond", ip_ranges=[BEYOND])
        judged(first)
        refused = {"trusted_ranges": "The org refuses."}
        second = a_snapshot(org, later=1, beside={"refused": refused, "trusted_ranges": None})
        an_app(second, 2, "Beyond", ip_ranges=None)
        judged(second)
        open_still = [*found("scopes.outside-zone-ranges"),
                      *found("scopes.trusted-ranges-outside-zone")]  # fmt: skip
        assert [each.state for each in open_still] == ["open", "open"]
        third = a_snapshot(org, later=2)
        an_app(third, 2, "Beyond")
        judged(third)
        for each in open_still:
            each.refresh_from_db()
        assert [each.state for each in open_still] == ["fixed", "fixed"]


def test_a_purposes_zones_stand_before_the_orgs(cast: Cast) -> None:
    with cast.at_acme() as alice:
        org = an_org(alice, "198.51.100.0/24")
        services.add_zone(
            actor=alice, name="Far", jurisdictions=["FR"], networks=["203.0.113.0/24"],
            now=database_now(),
        )  # fmt: skip
        publish_now(alice)
        snapshot = a_snapshot(org)
        app = an_app(snapshot, 1, "Elsewhere", ip_ranges=[BEYOND])
        declare(app, cast, zones=["far"])
        judged(snapshot)
        assert not found("scopes.outside-zone-ranges")


def declare(app: SnapshotApp, cast: Cast, **values: Any) -> AppPurpose:
    made: AppPurpose = AppPurpose.objects.create(
        connection=app.snapshot.connection, app_key=app.app_key, app_label=app.label,
        words="Summarises cases for the service desk.", content_hash="cd" * 32, state="approved",
        proposed_by=cast.people["bob"], proposed_at=database_now(), decided_by=cast.alice,
        decided_at=database_now(), **{"scopes": ["api"], **values},
    )  # fmt: skip
    return made


def test_access_beyond_a_declared_purpose_is_a_finding_with_its_path(cast: Cast) -> None:
    with cast.at_acme():
        org = made_up.make_connection()
        snapshot = a_snapshot(org)
        app = an_app(snapshot, 1, "Case Summariser")
        declare(app, cast, objects_named=["case"], fields_named=["Case.Subject"])
        service = made_up.add_account(snapshot)
        made_up.add_token(snapshot)
        made_up.add_assignment(
            snapshot, service, label="Service AI", via_group_id="0PG1", dangerous=[],
            set_ids=["0PS1", "0PS2"],
        )  # fmt: skip
        gives(snapshot, "0PS1", {"Case": "RE"}, {"Case.Subject": "R", "Case.Reason__c": "RE"})
        gives(snapshot, "0PS2", {"Contact": "R"}, {})
        judged(snapshot)
        [beyond] = found("scopes.granted-beyond-purpose")
        assert beyond.title == "Case Summariser can reach Contact, beyond its purpose"
        assert beyond.detail["accounts"] == [made_up.SERVICE_USER]
        assert beyond.detail["objects"] == {"Contact": "R"}
        assert beyond.detail["fields"] == {"Case.Reason__c": "RE"}
        assert beyond.detail["through"] == ["group Service AI"]
        assert not found("scopes.reach-unknown")
        org.refresh_from_db()
        assert org.watched_objects == ["Case"]


def gives(snapshot: Snapshot, set_id: str, objects: dict[str, str], fields: dict[str, str]) -> None:
    SnapshotPermissionSet.objects.create(
        snapshot=snapshot, set_id=set_id, label=set_id, objects_given=objects, fields_given=fields
    )


def test_who_holds_everything_reaches_everything_and_what_was_not_read_is_unknown(
    cast: Cast,
) -> None:
    with cast.at_acme():
        snapshot = a_snapshot(made_up.make_connection())
        app = an_app(snapshot, 1, "Case Summariser", runs_as=made_up.SERVICE_USER)
        declare(app, cast, objects_named=["Case"])
        service = made_up.add_account(snapshot)
        made_up.add_assignment(snapshot, service, set_ids=["0PS1"])  # Modify All Data
        judged(snapshot)
        [beyond] = found("scopes.granted-beyond-purpose")
        assert "can reach every object" in beyond.title and beyond.level == "error"
        [unknown] = found("scopes.reach-unknown")
        assert unknown.detail == {"apps": ["Case Summariser"]}


def test_restricted_fields_in_the_clear_are_findings_and_hidden_ones_unknown(cast: Cast) -> None:
    with cast.at_acme() as alice:
        services.classify_field(
            actor=alice, object_name="Case", field_name="Reason", data_class="never",
            now=database_now(),
        )  # fmt: skip
        org = an_org(alice)
        snapshot = a_snapshot(org, beside={**READ, "fields_unread": {"Gone__c": "Not told."}})
        for name, level, encrypted in (
            ("Name", "Public", False), ("SSN__c", "Restricted", False), ("Reason", "", False),
            ("IBAN__c", "Restricted", True), ("Hidden__c", "MissionCritical", None),
        ):  # fmt: skip
            SnapshotField.objects.create(
                snapshot=snapshot, object_name="Case", field_name=name, classification=level,
                encrypted=encrypted,
            )  # fmt: skip
        judged(snapshot)
        never, restricted = found("fields.restricted-not-encrypted")
        assert (never.subject, never.level) == ("field:Case.Reason", "error")
        assert restricted.title == "Case.SSN__c is classified Restricted and is not encrypted"
        assert never.detail["classified_by"] == "your policy"
        hidden, gone = found("fields.encryption-unknown")
        assert hidden.detail == {"fields": ["Hidden__c"]}
        assert gone.title == "How the fields of Gone__c are kept is unknown"


def test_clients_seen_in_logs_and_sign_ins_that_nobody_installed_are_findings(cast: Cast) -> None:
    with cast.at_acme():
        world = make_governed(cast)
        now = database_now()
        later = made_up.make_snapshot(world.org, taken_at=now)  # Contract Copilot is gone
        an_app(later, 1, "Heroku Connect")
        for number in range(3):
            made_up.add_token(later, f"copilot-{number}", app_name="Contract Copilot")
        for name in ("Dataloader Bulk", "Heroku Connect"):
            Sighting.objects.create(
                connection=world.org, kind="client", name=name, first_at=now, last_at=now
            )
        looking.judge_snapshot(later, now=now)
        titles = {each.subject: each.title for each in found("scopes.app-not-in-inventory")}
        assert "384 calls" in titles["app-name:Contract Copilot"]
        assert "3 tokens" in titles["app-name:Contract Copilot"]
        assert "a sign-in on" in titles["app-name:Dataloader Bulk"]
        assert "app-name:Heroku Connect" not in titles  # installed
