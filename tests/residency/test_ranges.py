"""The address ranges of a zone: written in the draft, in force with the policy."""

import pytest

from apps.accounts.models import User
from apps.common.clock import database_now
from apps.common.errors import Denied, Invalid
from apps.residency import drafting, selectors, services
from apps.residency.models import Zone
from tests.cast import Cast
from tests.residency.made import a_zone, permit, publish_now

pytestmark = pytest.mark.django_db


def say(actor: User, zone: Zone, *networks: str) -> Zone:
    return services.change_zone(
        actor=actor,
        zone_id=zone.pk,
        jurisdictions=zone.jurisdictions,
        networks=networks,
        now=database_now(),
    )


def test_ranges_are_in_force_once_the_policy_that_names_them_is(cast: Cast) -> None:
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU", "DE")
        assert selectors.networks_in_force(zone.pk) is None  # no policy yet
        permit(alice, "Fit to EU", "fit", "allow", zone.pk)
        publish_now(alice)
        assert selectors.networks_in_force(zone.pk) == ()
        say(alice, zone, "203.0.113.9/24", "2001:db8::/32")
        assert selectors.networks_in_force(zone.pk) == ()
        change = drafting.difference(selectors.current_version(), drafting.content_of_draft())
        assert change == [
            "Zone changed: EU (DE) becomes: EU (DE), with the ranges 2001:db8::/32, 203.0.113.0/24"
        ]
        publish_now(alice)
        assert selectors.networks_in_force(zone.pk) == ("2001:db8::/32", "203.0.113.0/24")


def test_a_zone_without_ranges_is_written_as_it_was_before_there_were_any(cast: Cast) -> None:
    with cast.at_acme() as alice:
        a_zone(alice, "EU", "DE")
        [zone] = drafting.content_of_draft()["zones"]
        assert set(zone) == {"id", "name", "jurisdictions"}


@pytest.mark.parametrize(
    ("networks", "words"),
    [(["203.0.113.0/33"], "no network"), (["0.0.0.0/0"], "Name the ranges that belong")],
)
def test_wrong_ranges_are_refused_and_change_nothing(
    cast: Cast, networks: list[str], words: str
) -> None:
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU", "DE")
        with pytest.raises(Invalid, match=words) as refused:
            say(alice, zone, *networks)
        assert refused.value.field == "networks"
        zone.refresh_from_db()
        assert zone.networks == []


def test_only_those_who_manage_the_policy_say_them(cast: Cast) -> None:
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU", "DE")
    with cast.at_acme(), pytest.raises(Denied):
        say(cast.people["otto"], zone, "203.0.113.0/24")


def test_the_page_and_the_api_take_them(cast: Cast) -> None:
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU", "DE")
    page, api = f"/policy/zones/{zone.pk}/", f"/api/v1/zones/{zone.pk}/"
    client = cast.client("alice")
    assert client.post(api, {"jurisdictions": ["DE"], "networks": ["192.0.2.0/24"]},
                       "application/json").json()["networks"] == ["192.0.2.0/24"]  # fmt: skip
    kept = client.post(api, {"jurisdictions": ["FR"]}, "application/json").json()
    assert kept["networks"] == ["192.0.2.0/24"]  # not spoken of, not changed
    form = {"jurisdictions": "DE", "networks": "198.51.100.0/24; nonsense"}
    refused = client.post(page, form)
    assert refused.status_code == 422 and b"is no network" in refused.content
    assert client.post(page, {**form, "networks": "198.51.100.0/24"}).status_code == 302
    assert b"198.51.100.0/24" in client.get("/policy/").content
