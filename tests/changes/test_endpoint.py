"""A model endpoint: address, zone, model and key, proposed, proved and undone."""

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from apps.changes.models import Proposal
from apps.changes.states import State
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid
from apps.llm import services as llm
from apps.llm.models import Endpoint
from tests.cast import Cast
from tests.changes.conftest import approve, carry_on, go_back, open_proposal
from tests.llm.odd_server import answering
from tests.residency.made import a_zone, classify, permit, publish_now

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind.ENDPOINT
OFFERS = {"data": [{"id": "m"}, {"id": "larger"}]}


@pytest.fixture
def endpoint(cast: Cast) -> Endpoint:
    """One in the EU, where fit data may go; nothing may go to the other zone."""
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU core", "DE")
        a_zone(alice, "US east", "US")
        classify(alice, "fit", "Subject")
        permit(alice, "fit-in-the-eu", "fit", "allow", zone.pk)
        publish_now(alice)
        return llm.add_endpoint(
            actor=alice, name="Models", base_url="https://llm.example.org", zone_id=zone.pk,
            model="m", api_key="sk-old", now=database_now(),
        )  # fmt: skip


def reread(cast: Cast, endpoint: Endpoint) -> Endpoint:
    with cast.at_acme():
        found: Endpoint = Endpoint.objects.select_related("zone").get(pk=endpoint.pk)
        assert found.api_key  # opened here, where its tenant is
        return found


def test_another_address_and_key_are_proved_and_can_be_undone(
    cast: Cast, endpoint: Endpoint, settings: Settings
) -> None:
    with answering(200, OFFERS) as (url, asked):
        settings.EXTRA_ENDPOINT_HOSTS = [url.split("//")[1]]
        proposal = open_proposal(
            cast, KIND, endpoint.pk, base_url=url, model="larger", secrets={"api_key": "sk-new"}
        )
        approve(cast, proposal, by="ivan")
        done = carry_on(cast, proposal)
    assert (done.state, asked) == (State.VERIFIED, ["/v1/models"])
    moved = reread(cast, endpoint)
    assert (moved.base_url, moved.model, moved.api_key, moved.state) == (
        url, "larger", "sk-new", "healthy",
    )  # fmt: skip
    go_back(cast, done)
    back = reread(cast, endpoint)
    assert (back.base_url, back.model, back.api_key) == ("https://llm.example.org", "m", "sk-old")


def test_a_key_alone_takes_two_and_is_never_shown(
    cast: Cast, endpoint: Endpoint, settings: Settings
) -> None:
    with answering(200, OFFERS) as (url, _):
        settings.EXTRA_ENDPOINT_HOSTS = [url.split("//")[1]]
        with cast.at_acme():
            Endpoint.objects.filter(pk=endpoint.pk).update(base_url=url)
        proposal = open_proposal(cast, KIND, endpoint.pk, secrets={"api_key": "sk-new"})
        page = cast.client("ivan").get(reverse("changes:proposal", args=[proposal.pk])).content
        assert b"a new one (" in page and b"sk-new" not in page
        assert reread(cast, endpoint).api_key == "sk-old"
        with pytest.raises(Denied):
            approve(cast, proposal, by="alice")
        approve(cast, proposal, by="ivan")
        done = carry_on(cast, proposal)
    assert done.state == State.VERIFIED
    assert reread(cast, endpoint).api_key == "sk-new"


def test_an_endpoint_that_does_not_offer_the_model_goes_back(
    cast: Cast, endpoint: Endpoint, settings: Settings
) -> None:
    with answering(200, OFFERS) as (url, _):
        settings.EXTRA_ENDPOINT_HOSTS = [url.split("//")[1]]
        proposal = open_proposal(cast, KIND, endpoint.pk, base_url=url, model="another")
        approve(cast, proposal, by="ivan")
        done = carry_on(cast, proposal)
    assert done.state == State.ROLLED_BACK and "offers no model another" in done.outcome
    assert reread(cast, endpoint).base_url == "https://llm.example.org"


def test_another_zone_shows_which_data_no_longer_goes_there(cast: Cast, endpoint: Endpoint) -> None:
    with cast.at_acme():
        other = endpoint.zone.__class__.objects.get(slug="us-east")
    proposal = open_proposal(cast, KIND, endpoint.pk, zone=str(other.pk))
    rows = proposal.preflight["flows"]
    assert {(row["data"], row["becomes"]) for row in rows} == {
        ("Case.Subject (fit for models)", "closed")
    }


def test_only_whoever_registers_endpoints_proposes_and_what_is_wrong_is_told(
    cast: Cast, endpoint: Endpoint
) -> None:
    with pytest.raises(Denied):
        open_proposal(cast, KIND, endpoint.pk, by="bob", model="n")
    for wanted, field in (
        ({"base_url": "http://llm.example.org"}, "base_url"),
        ({"zone": "nowhere"}, "zone"),
        ({"model": ""}, "model"),
    ):
        with pytest.raises(Invalid) as refused:
            open_proposal(cast, KIND, endpoint.pk, **wanted)
        assert refused.value.field == field
