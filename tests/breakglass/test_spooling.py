"""The night on which the database answers reads and takes no writes, and a case is needed.

Real PostgreSQL made read-only for the console's own connection, a real org over HTTP, real files.
"""

import html
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test.utils import override_settings
from django.urls import reverse
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from apps.breakglass import services, tasks
from apps.breakglass.models import EmergencyPolicy, Request
from apps.breakglass.services.policy import POLICY_DECISION, policy_subject
from apps.breakglass.states import EndReason
from apps.common.clock import database_now
from apps.common.scope import scoped
from apps.crm.models import OrgToken
from apps.custody.models import SubjectKey
from apps.ledger import selectors as ledger
from apps.ledger.spool import draining, key, place, preparing
from tests.breakglass.conftest import factor_for
from tests.breakglass.opened import FIELDS, Opened, open_access, token_of
from tests.conftest import QUICK_HASHERS
from tests.crm import orgs
from tests.fakes.sandbox import RunningSandbox
from tests.ledger.sequencing import sequence_all
from tests.ledger.spool.unwritable import read_only

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Night:
    """An active access, this host's spool, and a switch for the database's writes."""

    opened: Opened
    spool: Path

    def get(self, **asked: Any) -> Any:
        """Read the case while the database takes no writes."""
        with read_only():
            return self.opened.get(**asked)

    @property
    def tenant(self) -> Any:
        return self.opened.emergency.cast.acme.pk

    def files(self) -> list[Path]:
        return place.files_of(self.tenant)

    def bodies(self) -> list[dict[str, Any]]:
        """What was spooled, in order."""
        lines = [line for file in self.files() for line in file.read_text().splitlines()[1:]]
        return [json.loads(json.loads(line)["body"]) for line in lines]

    def events(self, action: str) -> list[Any]:
        with scoped(tenant_id=self.tenant):
            return list(ledger.list_events(action=action))


@pytest.fixture(scope="module")
def evening(
    one_sandbox: RunningSandbox, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Opened:
    """An access that no test here changes; opening one takes longer than most of these tests."""
    reaching = override_settings(
        EXTRA_CA_FILE=one_sandbox.info["ca"],
        EXTRA_ORG_HOSTS=[orgs.host_of(one_sandbox)],
        PASSWORD_HASHERS=QUICK_HASHERS,
    )
    with django_db_blocker.unblock(), reaching:
        return open_access(one_sandbox)


@pytest.fixture
def spool(settings: Settings, tmp_path: Path) -> Path:
    settings.LEDGER_SPOOL = str(tmp_path / "spool")
    return tmp_path / "spool"


@pytest.fixture
def night(evening: Opened, sandbox: RunningSandbox, spool: Path) -> Night:
    return _fall(evening, spool)


@pytest.fixture
def own_night(sandbox: RunningSandbox, spool: Path) -> Night:
    """One whose access a test may end or spoil."""
    return _fall(open_access(sandbox), spool)


def _fall(opened: Opened, spool: Path) -> Night:
    preparing.tell_tenant(opened.emergency.cast.acme.pk, key.make_host_key().name)
    return Night(opened, spool)


def test_the_case_is_read_and_every_step_is_kept_signed_and_marked(night: Night) -> None:
    answer = night.get()
    assert answer.status_code == 200, answer.content
    assert answer.json()["values"] == {name: night.opened.record[name] for name in FIELDS}
    asked, calling, called, read = night.bodies()
    assert asked["action"] == "breakglass.record.asked"
    assert [calling["action"], called["action"]] == ["crm.org.calling", "crm.org.called"]
    assert set(called["data"]["requests"]) <= set(calling["data"]["requests"])
    assert read["action"] == "breakglass.record.read"
    assert read["data"]["org_requests"] == called["data"]["requests"]
    assert {body["spooled"]["why"] for body in night.bodies()} == {"25006"}
    assert [body["source"]["seq"] for body in night.bodies()] == [1, 2, 3, 4]
    assert "record.asked" not in night.opened.path()
    shows_nothing_personal(night)
    waits(night)

    with scoped(tenant_id=night.tenant):
        assert not any(ledger.list_events(action="breakglass.record.read"))
    done = draining.drain(tenant_id=night.tenant)
    assert (done.recorded, done.waiting, done.faults) == (4, 1, 0)
    assert set(night.opened.path()[-2:]) == {"record.asked", "record.read"}
    assert night.files()  # kept until they have a place in the signed log
    sequence_all()
    assert draining.drain(tenant_id=night.tenant).removed == 1
    assert not night.files()
    says_so(night)


def waits(night: Night) -> None:
    """Pages can be read all the while and say what is not in the ledger yet; other changes are
    refused in words."""
    alice = night.opened.emergency.cast.client("alice")
    at = [night.opened.request.pk]
    with read_only():
        listed = text_of(alice.get(reverse("ledger:events")))
        shown = text_of(alice.get(reverse("breakglass:request", args=at)))
        other = alice.post(reverse("breakglass:withdraw", args=at))
    assert (other.status_code, b"nothing can be changed now" in other.content) == (503, True)
    assert "wait in this host's spool" in listed and "4 events since" in listed
    assert "the database took no writes" in listed
    assert "2 entries of this access wait in this host's spool" in shown


def says_so(night: Night) -> None:
    """Afterwards list, event and access say which came by a spool."""
    alice = night.opened.emergency.cast.client("alice")
    listed = text_of(alice.get(reverse("ledger:events")))
    assert "wait in this host's spool" not in listed and listed.count("by a spool") == 4
    (read,) = night.events("breakglass.record.read")
    event = text_of(alice.get(reverse("ledger:event", args=[read.pk])))
    assert "It came by a spool" in event and "with the end of its spool" in event
    shown = text_of(alice.get(reverse("breakglass:request", args=[night.opened.request.pk])))
    assert "2 entries of this access came into the ledger by a spool" in shown
    other = night.opened.emergency.cast.client("mallory")
    assert "by a spool" not in text_of(other.get(reverse("ledger:events")))


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def shows_nothing_personal(night: Night) -> None:
    there = [night.spool, *night.spool.rglob("*")]
    kept = b"".join(path.read_bytes() for path in there if path.is_file())
    bob = night.opened.emergency.cast.bob
    canaries = (night.opened.text, "127.0.0.1", bob.email, FIELDS[0])
    assert not [canary for canary in canaries if canary.encode() in kept]
    assert {path.stat().st_mode & 0o077 for path in there} == {0}


def test_nothing_is_spooled_where_the_rules_forbid_it(night: Night) -> None:
    alice = night.opened.emergency.cast.alice
    with night.opened.emergency.cast.at_acme("alice"):
        current = EmergencyPolicy.objects.get()
        services.set_policy(
            actor=alice,
            factor=factor_for(alice, policy_subject(current.version), decision=POLICY_DECISION),
            legal_quorum=1,
            it_quorum=1,
            max_duration=current.max_duration,
            spooling=False,
            now=database_now(),
        )
    assert night.get().status_code == 200  # signed under the older version, it keeps its rules
    with night.opened.emergency.cast.at_acme("bob"):
        stricter = night.opened.emergency.active(scope=night.opened.request.scope)
        night.opened = replace(night.opened, text=token_of(stricter))
    before = night.bodies()
    answer = night.get()
    assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
    assert "keep no record elsewhere" in answer.json()["detail"]
    assert night.bodies() == before


def test_a_spool_that_cannot_be_used_refuses_before_the_org_is_asked(
    night: Night, settings: Settings, sandbox: RunningSandbox
) -> None:
    sent = sandbox.admin("GET", "requests")

    def refused(words: str) -> bool:
        answer = night.get()
        said = answer.json()
        return (answer.status_code, said["code"]) == (503, "not_recorded") and (
            words in said["detail"]
        )

    settings.LEDGER_SPOOL_MAX_BYTES = 1400  # room for a header and no line
    assert refused("full")
    settings.LEDGER_SPOOL_MAX_BYTES = 1 << 20
    (night.spool / place.SHUT).touch()
    assert refused("shut")
    (night.spool / place.SHUT).unlink()
    night.spool.chmod(0o750)
    assert refused("written")
    night.spool.chmod(0o700)
    (night.spool / key.FILE).chmod(0o640)
    assert refused("by others")
    (night.spool / key.FILE).chmod(0o600)
    with scoped(tenant_id=night.tenant):
        SubjectKey.objects.update(fields=[])  # as if no address of his was ever sealed
    assert refused("sealed")
    (night.spool / key.FILE).unlink()
    assert refused("--prepare")
    key.make_host_key()  # one that no ledger has heard of
    assert refused("does not know")
    settings.LEDGER_SPOOL = ""
    assert refused("Neither")
    assert (night.bodies(), sandbox.admin("GET", "requests")) == ([], sent)
    with scoped(tenant_id=night.tenant):
        SubjectKey.objects.update(fields=["address"])


def test_the_kill_switch_works_while_nothing_can_be_written(own_night: Night) -> None:
    night = own_night
    assert night.get(object_name="Contact").status_code == 503  # outside what was approved
    assert not night.files()
    end = reverse("breakglass:end", args=[night.opened.request.pk])
    mallory, lena = map(night.opened.emergency.cast.client, ("mallory", "lena"))
    with read_only():
        other = mallory.post(end)
        stopped = lena.post(end)
    assert other.status_code == 404
    shown = text_of(stopped)
    assert "This access is stopped" in shown and "may read until" not in shown
    assert night.bodies()[-1]["action"] == "breakglass.request.stopped"
    assert night.get().status_code == 503  # refused, and the refusal cannot be recorded
    assert len(night.bodies()) == 1
    assert night.opened.get().status_code == 401  # the row does not know it yet
    draining.drain(tenant_id=night.tenant)
    tasks.sweep(tenant_id=str(night.tenant))
    assert night.opened.path()[-1] == "request.ended"
    assert night.get().status_code == 503
    assert not night.bodies()[1:]
    with scoped(tenant_id=night.tenant):
        assert Request.objects.get().end_reason == EndReason.STOPPED


def test_without_valkey_nobody_can_say_whether_it_was_stopped(
    night: Night, settings: Settings
) -> None:
    here = settings.CACHES["default"]
    settings.CACHES = {"default": {**here, "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = night.get()
    assert (answer.status_code, "was stopped" in answer.json()["detail"]) == (503, True)
    assert not night.files()


def test_a_valkey_that_forgot_a_stop_lets_nobody_read_on_and_hears_of_an_end(
    own_night: Night,
) -> None:
    request, lena = own_night.opened.request, own_night.opened.emergency.cast.client("lena")
    assert services.is_stopped(request) is False
    with read_only():
        lena.post(reverse("breakglass:end", args=[request.pk]))
    stopped = own_night.bodies()
    assert services.is_stopped(request) and cache.delete(f"breakglass/access/{request.pk}")
    answer = own_night.get()
    assert (answer.status_code, "was stopped" in answer.json()["detail"]) == (503, True)
    assert own_night.bodies() == stopped
    own_night.opened.end()  # a replica may not have heard of it
    assert services.is_stopped(request) is True


def test_what_the_org_refuses_is_spooled_too(night: Night, sandbox: RunningSandbox) -> None:
    sandbox.fault("insufficient_access", when="always", path="/sobjects/Case")
    answer = night.get()
    assert (answer.status_code, answer.json()["code"]) == (502, "crm_access_refused")
    assert night.bodies()[-1]["action"] == "breakglass.record.failed"


def test_a_token_that_ran_out_is_renewed_for_the_call_by_a_key_and_never_by_a_refresh_token(
    own_night: Night,
) -> None:
    night = own_night
    with scoped(tenant_id=night.tenant):
        OrgToken.objects.update(expires_at=database_now())
    assert night.get().status_code == 200
    renewed = next(b for b in night.bodies() if b["action"] == "crm.token.refreshed")
    assert renewed["data"]["kept"] is False
    with scoped(tenant_id=night.tenant):
        row = OrgToken.objects.get()
        row.refresh_token = "rotating"
        row.save()
    answer = night.get()
    assert (answer.status_code, answer.json()["code"]) == (502, "crm_org_unavailable")
