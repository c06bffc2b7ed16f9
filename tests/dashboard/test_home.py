"""The home page: what it tells to whom, and what it must not tell."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from apps.breakglass import services as breakglass
from apps.common.clock import database_now
from apps.crm.models import Connection, Snapshot, SnapshotApp
from apps.crm.services.rights import give_to_members
from apps.dashboard import menu, selectors
from apps.dashboard.selectors import Overview
from apps.llm.models import Endpoint
from apps.posture.models import ScopeBaseline
from apps.residency.models import Zone
from apps.tenancy import services as tenancy
from apps.tenancy.roles import POWERS, Role
from tests.cast import Cast, fresh_code


def overview(cast: Cast, name: str, *roles: Role) -> Overview:
    held = frozenset[str]().union(*(POWERS[role] for role in roles))
    with cast.at_acme(name) as user:
        return selectors.overview(user=user, held=held, now=database_now())


def make_org(cast: Cast, state: str, **more: object) -> Connection:
    with cast.at_acme():
        zone = Zone.objects.create(name="EU core", slug="eu-core", jurisdictions=["DE"])
        return Connection.objects.create(
            name="acme-prod", host="acme.my.salesforce.com", zone=zone, flow="jwt_bearer",
            client_id="3MVG9", state=state, **more,
        )  # fmt: skip


def test_the_admin_of_an_empty_tenant_is_shown_the_first_steps(cast: Cast) -> None:
    home = overview(cast, "alice", Role.TENANT_ADMIN)
    assert [(step.words, step.done) for step in home.steps] == [
        ("Connect your first org", False),
        ("Register a model endpoint", False),
        ("Publish a flow policy", False),
        ("Give people their roles", True),
    ]
    assert home.needs == []
    assert home.sentences == []
    assert all(card.lines or card.empty for card in home.cards)


def test_steps_are_shown_only_to_those_who_can_take_them(cast: Cast) -> None:
    assert overview(cast, "otto", Role.AUDITOR).steps == []


def test_a_failing_org_needs_those_who_can_mend_it(cast: Cast) -> None:
    make_org(cast, "failing", last_error="The certificate expired.", checked_at=database_now())
    home = overview(cast, "alice", Role.TENANT_ADMIN)
    assert [need.words for need in home.needs] == [
        "acme-prod cannot be reached. The certificate expired."
    ]
    assert home.sentences == ["0 of 1 org healthy."]
    auditor = overview(cast, "otto", Role.AUDITOR)
    assert auditor.needs == []
    [orgs] = [card for card in auditor.cards if card.title == "Orgs"]
    assert [(line.words, line.tone) for line in orgs.lines] == [("acme-prod", "danger")]


def test_the_other_tenant_sees_nothing_of_it(cast: Cast) -> None:
    make_org(cast, "failing")
    with cast.at_globex() as mallory:
        home = selectors.overview(user=mallory, held=POWERS[Role.TENANT_ADMIN], now=database_now())
    assert home.needs == []
    assert all("acme" not in line.words for card in home.cards for line in card.lines)


def test_a_zone_with_an_unchecked_endpoint_is_unknown_and_never_good(cast: Cast) -> None:
    org = make_org(cast, "healthy")
    with cast.at_acme():
        Endpoint.objects.create(
            name="Mistral", base_url="https://llm.acme.example", zone=org.zone, model="m"
        )
    home = overview(cast, "alice", Role.TENANT_ADMIN)
    [zones] = [card for card in home.cards if card.title == "Zones"]
    assert [(line.words, line.tone, line.status) for line in zones.lines] == [
        ("EU core", "unknown", "unknown")
    ]


def test_a_role_of_the_quorum_that_nobody_holds_is_said_while_it_can_be_mended(
    cast: Cast,
) -> None:
    with cast.at_acme() as alice:
        tenancy.remove_member(
            actor=alice,
            user=cast.lena,
            role=Role.LEGAL_APPROVER,
            code=fresh_code(alice),
            now=database_now(),
        )
    home = overview(cast, "alice", Role.TENANT_ADMIN)
    assert [need.kind for need in home.needs] == ["People"]
    assert "Legal approver" in home.needs[0].words


@pytest.mark.parametrize("name", ["alice", "bob", "lena", "ivan", "rita", "otto"])
def test_the_page_answers_for_every_role(cast: Cast, name: str) -> None:
    make_org(cast, "healthy")
    page = cast.client(name).get("/")
    assert page.status_code == 200
    assert "The org is healthy." in page.content.decode()


def test_what_is_most_urgent_stands_first(cast: Cast) -> None:
    now = database_now()
    make_org(cast, "failing", checked_at=now - timedelta(hours=2))
    with cast.at_acme() as alice:
        tenancy.remove_member(
            actor=alice, user=cast.ivan, role=Role.IT_APPROVER, code=fresh_code(alice), now=now
        )
    tones = [need.tone for need in overview(cast, "alice", Role.TENANT_ADMIN).needs]
    assert tones == ["danger", "attention"]


def test_a_request_waits_for_those_whose_signature_is_missing(cast: Cast) -> None:
    org = make_org(cast, "healthy")
    with cast.at_acme("bob") as bob:
        give_to_members(org)
        draft = breakglass.draft_request(
            actor=bob,
            connection_id=org.pk,
            scope={"Matter__c": {"fields": ["Name"], "records": ["a01000000000001AAA"]}},
            networks=["203.0.113.0/24"],
            duration=timedelta(hours=2),
            justification="Single sign-on is down and the hearing begins at nine.",
            case_reference="00013377",
            now=database_now(),
        )
        breakglass.submit_request(actor=bob, request_id=draft.pk, now=database_now())
    lena = overview(cast, "lena", Role.LEGAL_APPROVER)
    assert [need.words for need in lena.needs] == ["00013377 on acme-prod needs Legal approval"]
    assert lena.needs[0].until is not None
    ivan = overview(cast, "ivan", Role.IT_APPROVER)
    assert [need.words for need in ivan.needs] == ["00013377 on acme-prod needs IT approval"]
    assert overview(cast, "bob", Role.OPERATOR).needs == []


def test_an_app_that_gained_a_scope_needs_those_who_approve(cast: Cast) -> None:
    org = make_org(cast, "healthy")
    with cast.at_acme() as alice:
        now = database_now()
        read = {"connection": org, "state": "complete", "taken_at": now, "touched_at": now}
        snapshot = Snapshot.objects.create(**read, finished_at=now, content_hash="ab" * 32)
        app = SnapshotApp.objects.create(
            snapshot=snapshot,
            kind="connected_app",
            developer_name="Contract_Copilot",
            label="Contract Copilot",
            org_app_id="0H4000000000001AAA",
            scopes=["api", "full"],
        )
        ScopeBaseline.objects.create(
            connection=org, app_key=app.app_key, app_label=app.label, scopes=["api"],
            content_hash="cd" * 32, approved_by=alice, approved_at=now, snapshot=snapshot,
        )  # fmt: skip
    home = overview(cast, "alice", Role.TENANT_ADMIN)
    assert [(need.kind, need.tone) for need in home.needs] == [("Drift", "danger")]
    assert home.needs[0].words.startswith("Contract Copilot on acme-prod: holds full")
    assert overview(cast, "otto", Role.AUDITOR).needs == []


def test_an_org_that_was_never_read_is_unknown(cast: Cast) -> None:
    make_org(cast, "healthy")
    home = overview(cast, "otto", Role.AUDITOR)
    [apps] = [card for card in home.cards if card.title == "Apps & scopes"]
    assert [(line.tone, line.status) for line in apps.lines] == [("unknown", "not read yet")]


def test_the_menu_shows_what_the_powers_allow(cast: Cast) -> None:
    def words(role: Role) -> set[str]:
        request = RequestFactory().get("/people/")
        request.__dict__["powers"] = POWERS[role]
        return {item["title"] for group in menu.navigation(request) for item in group["items"]}

    assert "People" in words(Role.TENANT_ADMIN)
    assert "People" not in words(Role.AUDITOR)
    assert "Ledger" in words(Role.AUDITOR)
    assert "Ledger" not in words(Role.REVIEWER)


def test_the_switcher_lists_only_the_persons_own_tenants(cast: Cast) -> None:
    page = cast.client("alice").get("/").content.decode()
    assert "Acme" in page
    assert "Globex" not in page
