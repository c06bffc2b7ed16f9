"""A worker that gets SIGKILL while it applies a change, at every point; the next one ends it."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from apps.changes import selectors, services
from apps.changes.kinds import endpoint as endpoints
from apps.changes.models import Configuration, Proposal
from apps.changes.services import applying, outside
from apps.changes.states import State
from apps.changes.tasks import STALLED_AFTER
from apps.common.clock import database_now
from apps.ledger import selectors as ledger
from apps.ledger import services as recording
from apps.llm import services as llm
from apps.llm.models import Endpoint
from tests.cast import Cast, make_cast
from tests.changes.conftest import approve, carry_on, open_proposal
from tests.fakes.killing import die, require_killed
from tests.llm.odd_server import answering
from tests.residency.made import a_zone, classify, permit, publish_now

pytestmark = pytest.mark.django_db(transaction=True)
OLD = "https://llm.example.org"


def _dying(module: Any, name: str) -> None:
    setattr(module, name, die)


def _doing_then_dying(module: Any, name: str) -> None:
    done: Callable[..., Any] = getattr(module, name)

    def then_die(*args: object, **kwargs: object) -> None:
        done(*args, **kwargs)
        die()

    setattr(module, name, then_die)


def _dying_as_it_records(action: str) -> None:
    recorded = recording.record

    def record(**told: Any) -> object:
        return die() if told["action"] == action else recorded(**told)

    recording.record = record  # type: ignore[assignment]


UNDER_WAY: dict[str, Callable[[], None]] = {
    "beginning": lambda: _dying_as_it_records("changes.proposal.begun"),
    "begun": lambda: _dying(applying, "_put"),
    "in the middle of the change": lambda: _dying_as_it_records("llm.endpoint.changed"),
    "changed and not yet saved": lambda: _dying_as_it_records("changes.proposal.applied"),
    "before the call outside": lambda: _dying(endpoints, "look_at"),
    "between the answer and keeping it": lambda: _dying(outside, "_keep"),
    "during the checks": lambda: _doing_then_dying(applying, "_looked_inside"),
}
GOOD_END = {
    "about to be kept": lambda: _dying_as_it_records("changes.proposal.verified"),
}
BAD_END = {
    "about to go back": lambda: _dying(applying, "_put_back"),
    "gone back and not yet saved": lambda: _doing_then_dying(applying, "_put_back"),
    "about to say that it went back": lambda: _dying_as_it_records("changes.proposal.rolled_back"),
}


@pytest.mark.parametrize("offered", [True, False], ids=["it works", "it does not work"])
def test_a_worker_killed_at_any_point_leaves_one_outcome(settings: Settings, offered: bool) -> None:
    cast = make_cast()
    endpoint = _endpoint(cast)
    with answering(200, {"data": [{"id": "larger" if offered else "other"}]}) as (url, asked):
        settings.EXTRA_ENDPOINT_HOSTS = [url.split("//")[1]]
        proposal = open_proposal(
            cast, Proposal.Kind.ENDPOINT, endpoint.pk,
            base_url=url, model="larger", secrets={"api_key": "sk-new"},
        )  # fmt: skip
        approve(cast, proposal, by="ivan")
        for moment, arrange in (UNDER_WAY | (GOOD_END if offered else BAD_END)).items():
            require_killed(partial(_doomed, cast, proposal, arrange), moment=moment)
            with cast.at_acme():
                later = database_now() + 2 * STALLED_AFTER
                assert selectors.list_stalled_ids(before=later) == [proposal.pk], moment
        done = carry_on(cast, proposal)
    assert len(asked) == 2  # once more for the answer that was lost
    _require_one_outcome(cast, endpoint, done, url if offered else OLD)


def _doomed(cast: Cast, proposal: Proposal, arrange: Callable[[], None]) -> None:
    arrange()
    services.carry_on(tenant_id=cast.acme.pk, proposal_id=proposal.pk)


def _require_one_outcome(cast: Cast, endpoint: Endpoint, done: Proposal, address: str) -> None:
    kept = address != OLD
    assert done.state == (State.VERIFIED if kept else State.ROLLED_BACK)
    with cast.at_acme():
        told = Counter(event.action for event in ledger.list_events(target_id=str(done.pk)))
        changed = ledger.list_events(action="llm.endpoint.changed", target_id=str(endpoint.pk))
        times_changed = changed.count()
        stands = Endpoint.objects.get(pk=endpoint.pk)
        assert (stands.base_url, stands.api_key) == (address, "sk-new" if kept else "sk-old")
        versions = Configuration.objects.filter(proposal=done)
        assert [each.passed for each in versions] == [kept]
    ends = {"verified": int(kept), "rolled_back": int(not kept), "refused": 0}
    for name, times in {"begun": 1, "applied": 1, **ends}.items():
        assert told[f"changes.proposal.{name}"] == times, name
    assert times_changed == (1 if kept else 2)  # made, and undone


def _endpoint(cast: Cast) -> Endpoint:
    with cast.at_acme() as alice:
        zone = a_zone(alice, "EU core", "DE")
        classify(alice, "fit", "Subject")
        permit(alice, "fit-in-the-eu", "fit", "allow", zone.pk)
        publish_now(alice)
        return llm.add_endpoint(
            actor=alice, name="Models", base_url=OLD, zone_id=zone.pk,
            model="m", api_key="sk-old", now=database_now(),
        )  # fmt: skip
