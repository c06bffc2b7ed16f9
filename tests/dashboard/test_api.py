"""The overview over the API tells each reader what the home page tells them, and no more."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from apps.common import powers
from apps.common.clock import database_now
from apps.custody import tokens
from apps.dashboard.api.serializers import OverviewSerializer
from apps.tenancy.roles import Role
from tests.cast import Cast
from tests.dashboard.test_home import make_org, overview

URL = reverse("dashboard:api-overview")


def _with_token(cast: Cast, *held: str) -> Any:
    now = database_now()
    with cast.at_acme() as alice:
        _, text = tokens.issue_token(
            actor=alice, holder=alice, kind="api", name="overview", scope={"powers": list(held)},
            networks=[], now=now, expires_at=now + timedelta(days=1),
        )  # fmt: skip
    return Client().get(URL, headers={"authorization": f"Bearer {text}"})


def test_the_overview_tells_what_the_home_page_tells(cast: Cast) -> None:
    make_org(cast, "failing", last_error="The certificate expired.")
    told = cast.client("alice").get(URL).json()
    assert told == OverviewSerializer(overview(cast, "alice", Role.TENANT_ADMIN)).data
    [need] = told["needs"]
    assert need["words"] == "acme-prod cannot be reached. The certificate expired."
    assert cast.client("alice").get(need["url"]).status_code == 200
    assert [step["done"] for step in told["steps"]] == [True, False, False, True]


def test_each_reader_is_told_what_they_may_see(cast: Cast) -> None:
    make_org(cast, "failing")
    told = cast.client("otto").get(URL).json()
    assert (told["needs"], told["steps"]) == ([], [])
    assert "acme-prod" in str(told["cards"])


def test_a_token_tells_no_more_than_it_names(cast: Cast) -> None:
    make_org(cast, "failing")
    answer = _with_token(cast, powers.READ_OVERVIEW)
    assert (answer.status_code, answer.json()["needs"], answer.json()["steps"]) == (200, [], [])
    assert "/orgs/" not in answer.content.decode()
    refused = _with_token(cast, powers.READ_LEDGER)
    assert refused.status_code == 403
    assert refused.json()["rule"] == f"token-lacks:{powers.READ_OVERVIEW}"


def test_another_tenant_is_told_nothing_of_it(cast: Cast) -> None:
    make_org(cast, "failing")
    assert "acme-prod" not in cast.client("mallory").get(URL).content.decode()
