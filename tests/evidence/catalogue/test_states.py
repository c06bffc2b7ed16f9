"""Each check is shown a tenant's state that it must judge: broken, needing somebody, or good."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from apps.breakglass.models import CaseNote
from apps.common.clock import database_now
from apps.crm.models import Connection, OrgToken, Snapshot, Trouble
from apps.custody.models import DataKey
from apps.evidence import files, keys
from apps.evidence.catalogue.checks import all_checks
from apps.evidence.models import DownloadGrant, Pack
from apps.llm.models import Endpoint
from apps.posture.models import Finding, Scan
from apps.residency.models import FieldClass, PolicyVersion
from apps.reviews.models import Campaign, CampaignState, Item
from apps.sync.models import Run, RunItem
from tests.architecture.world import make_world
from tests.architecture.world_base import World
from tests.breakglass.conftest import make_emergency
from tests.cast import Cast


@pytest.fixture
def world(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(settings, "VAR", tmp_path)
    monkeypatch.setattr(keys, "authority_directory", lambda: tmp_path / "pki")
    return make_world(cast.acme, cast.alice, size=2)


def _failing_org(world: World) -> None:
    Connection.objects.filter(name__endswith="00").update(state=Connection.State.FAILING)


def _refused_token(world: World) -> None:
    org = Connection.objects.order_by("name").first()
    OrgToken.objects.update_or_create(connection=org, defaults={"refused_at": world.now})


def _spare_budget(world: World) -> None:
    Connection.objects.update(api_used=10, api_allowed=100, api_seen_at=world.now)


def _spent_budget(world: World) -> None:
    Connection.objects.update(api_used=95, api_allowed=100, api_seen_at=world.now)


def _old_snapshots(world: World) -> None:
    Snapshot.objects.update(taken_at=world.now - timedelta(days=9))


def _moved_secret(world: World) -> None:
    """One endpoint's sealed key lies in another's row, where it must not open."""
    with connection.cursor() as cursor:
        cursor.execute("update llm_endpoint set api_key = (select min(api_key) from llm_endpoint)")


def _failing_endpoint(world: World) -> None:
    Endpoint.objects.update(state=Endpoint.State.FAILING)


def _answering_endpoints(world: World) -> None:
    Endpoint.objects.update(state=Endpoint.State.HEALTHY, checked_at=world.now)


def _classed_fields(world: World) -> None:
    FieldClass.objects.create(object_name="Case", field_name="Subject", data_class="fit")


def _stalled_run(world: World) -> None:
    long_ago = world.now - timedelta(hours=1)
    run = Run.objects.order_by("pk").first()
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, heartbeat_at=long_ago)  # type: ignore[union-attr]


def _parked_record(world: World) -> None:
    run = Run.objects.order_by("job_id", "-queued_at").distinct("job_id")[0]
    RunItem.objects.create(run=run, record_id="500P", state="parked", at=world.now)


def _traced(world: World) -> None:
    RunItem.objects.update(fingerprint="ab" * 32)


def _undecided_run(world: World) -> None:
    Run.objects.update(written=3, rules=["allow-fit"], policy_hash="cd" * 32)


def _waiting_note(world: World) -> None:
    asked = world.now - timedelta(hours=2)
    CaseNote.objects.create(
        request_id=world.values["request_id"], step="submitted", queued_at=asked, due_at=asked
    )


def _reviewed(world: World) -> None:
    _finish_reviews(world, world.now - timedelta(days=2))


def _reviewed_long_ago(world: World) -> None:
    _finish_reviews(world, world.now - timedelta(days=40))


def _finish_reviews(world: World, at: object) -> None:
    Campaign.objects.update(
        state=CampaignState.CLOSED,
        finished_at=at,
        finished_by=world.owner,
        decisions_hash="ab" * 32,
        ended_at=at,
    )


def _own_item(world: World) -> None:
    item = Item.objects.order_by("position").first()
    fresh = Item(
        **{
            field.attname: getattr(item, field.attname)
            for field in Item._meta.concrete_fields
            if field.attname not in {"id", "position", "fingerprint", "subject_person"}
        },
        position=99,
        fingerprint=uuid4().hex * 2,
        subject_person=world.owner.person_id,
    )
    fresh.save()


def _proved_links(world: World) -> None:
    for grant in DownloadGrant.objects.select_related("factor", "pack"):
        grant.factor.subject = grant.pack.sha256
        grant.factor.spent_at = grant.factor.proved_at
        grant.factor.save()


def _damaged_pack(world: World) -> None:
    pack = Pack.objects.order_by("pk").first()
    assert pack is not None
    Pack.objects.filter(pk=pack.pk).update(state="ready", sha256="a" * 64, finished_at=world.now)
    files.keep(pack.pk, b"no pack at all")


def _lost_pack(world: World) -> None:
    Pack.objects.update(state="ready", sha256="a" * 64, finished_at=world.now)


def _draft_after_publishing(world: World) -> None:
    PolicyVersion.objects.update(
        state="published", content={}, content_hash="a" * 64,
        published_at=world.now, published_by=world.owner,
    )  # fmt: skip
    PolicyVersion.objects.create(number=2)


def _nothing(world: World) -> None:
    """The world as it is made."""


def _no_findings(world: World) -> None:
    Finding.objects.update(state="verified")


def _unscanned(world: World) -> None:
    _no_findings(world)
    Scan.objects.update(covers_all=False)


def _found(kind: str, level: str) -> Callable[[World], None]:
    def change(world: World) -> None:
        _no_findings(world)
        Finding.objects.create(
            connection=Connection.objects.order_by("name").first(),
            kind=kind, subject="x", title="x", fix="x", level=level, source="scopes",
            first_seen_at=world.now, last_seen_at=world.now,
        )  # fmt: skip

    return change


def _accepted(world: World) -> None:
    _found("scopes.beyond-purpose", "error")(world)
    Finding.objects.filter(title="x").update(
        state="accepted", owner=world.owner, reason="Until spring.", accepted_until=world.now.date()
    )


def _scanned(*, covers_all: bool) -> Callable[[World], None]:
    def change(world: World) -> None:
        _no_findings(world)
        for org in Connection.objects.all():
            Scan.objects.create(
                connection=org, origin="upload", name="all.zip", covers_all=covers_all,
                state="complete", asked_by=world.owner, asked_at=world.now,
                touched_at=world.now, finished_at=world.now,
            )  # fmt: skip

    return change


def _locked_out(world: World) -> None:
    Trouble.objects.create(
        connection=Connection.objects.order_by("name")[0],
        cause="expired-token", certain=True, first_at=world.now, last_at=world.now,
    )  # fmt: skip


def _wraps(*emergency: str) -> Callable[[World], None]:
    """Two providers hold ordinary keys; these hold the keys of emergency credentials."""

    def change(world: World) -> None:
        for key in DataKey.objects.all():
            names = emergency if key.purpose == "custody.tokens" else ("here", "there")
            key.wraps = [{"provider": name, "key_id": "k", "wrapped": ""} for name in names]
            key.save()
        if not DataKey.objects.filter(purpose="custody.tokens").exists():
            wraps = [{"provider": name, "key_id": "k", "wrapped": ""} for name in emergency]
            DataKey.objects.create(purpose="custody.tokens", version=1, wraps=wraps)

    return change


STATES: list[tuple[str, Callable[[World], None], str]] = [
    ("exporting-is-apart", _nothing, "attention"),
    ("signatures-had-their-factor", _nothing, "danger"),
    ("tokens-healthy", _nothing, "good"),
    ("tokens-healthy", _failing_org, "danger"),
    ("tokens-healthy", _refused_token, "danger"),
    ("sealed-values-open", _nothing, "good"),
    ("sealed-values-open", _moved_secret, "danger"),
    ("keys-held-twice", _wraps("safe", "vault"), "good"),
    ("keys-held-twice", _wraps("safe"), "attention"),
    ("emergency-keys-apart", _wraps("safe", "vault"), "good"),
    ("emergency-keys-apart", _wraps("here", "vault"), "attention"),
    ("api-budget-left", _nothing, "unknown"),
    ("api-budget-left", _spare_budget, "good"),
    ("api-budget-left", _spent_budget, "attention"),
    ("inventory-fresh", _nothing, "good"),
    ("inventory-fresh", _old_snapshots, "attention"),
    ("scopes-as-approved", _nothing, "danger"),
    ("no-dangerous-rights", _nothing, "attention"),
    ("zones-published", _nothing, "unknown"),
    ("zones-published", _draft_after_publishing, "attention"),
    ("policy-decides", _draft_after_publishing, "danger"),
    ("used-fields-classed", _nothing, "attention"),
    ("used-fields-classed", _classed_fields, "good"),
    ("runs-decided-by-policy", _nothing, "unknown"),
    ("runs-decided-by-policy", _undecided_run, "danger"),
    ("endpoints-answer", _answering_endpoints, "good"),
    ("endpoints-answer", _failing_endpoint, "danger"),
    ("no-run-stands-still", _nothing, "good"),
    ("no-run-stands-still", _stalled_run, "danger"),
    ("nothing-parked", _nothing, "good"),
    ("nothing-parked", _parked_record, "attention"),
    ("answers-leave-a-trace", _nothing, "danger"),
    ("answers-leave-a-trace", _traced, "good"),
    ("cases-are-told", _waiting_note, "attention"),
    ("quorum-is-real", _nothing, "good"),
    ("scopes-name-records", _nothing, "good"),
    ("reviewed-monthly", _reviewed, "good"),
    ("reviewed-monthly", _reviewed_long_ago, "attention"),
    ("nobody-reviews-themselves", _nothing, "good"),
    ("nobody-reviews-themselves", _own_item, "danger"),
    ("newest-pack-verifies", _damaged_pack, "danger"),
    ("newest-pack-verifies", _lost_pack, "danger"),
    ("downloads-had-their-factor", _nothing, "danger"),
    ("downloads-had-their-factor", _proved_links, "good"),
    ("apps-within-purpose", _no_findings, "good"),
    ("apps-within-purpose", _found("scopes.beyond-purpose", "error"), "danger"),
    ("fields-encrypted", _found("fields.restricted-not-encrypted", "warning"), "attention"),
    ("no-secret-in-code", _unscanned, "unknown"),
    ("no-secret-in-code", _scanned(covers_all=True), "good"),
    ("no-secret-in-code", _scanned(covers_all=False), "unknown"),
    ("apps-within-purpose", _accepted, "attention"),
    ("org-and-ledger-agree", _no_findings, "unknown"),
    ("lockouts-over", _locked_out, "attention"),
    ("ended-access-gone", _found("accounts.access-reappeared", "error"), "danger"),
]


@pytest.mark.parametrize(
    ("name", "change", "expected"), STATES, ids=lambda v: getattr(v, "__name__", str(v))
)
def test_a_state_is_judged(
    cast: Cast, world: World, name: str, change: Callable[[World], None], expected: str
) -> None:
    with cast.at_acme():
        change(world)
        found = all_checks()[name].run(database_now())
    assert found.result == expected, found.sentence
    assert found.sentence.endswith(".")


def test_a_review_past_its_date_needs_somebody(cast: Cast, world: World) -> None:
    with cast.at_acme():
        found = all_checks()["nobody-reviews-themselves"].run(world.now + timedelta(days=8))
    assert found.result == "attention"


def test_an_access_past_its_deadline_is_found(cast: Cast) -> None:
    night = make_emergency(cast)
    with cast.at_acme("bob"):
        active = night.active()
    with cast.at_acme():
        checks = all_checks()
        assert checks["two-people-signed"].run(database_now()).result == "good"
        assert checks["nothing-overdue"].run(database_now()).result == "good"
        assert active.deadline_at is not None
        late = active.deadline_at + timedelta(seconds=1)
        assert checks["nothing-overdue"].run(late).result == "danger"
        assert checks["tokens-are-bound"].run(database_now()).result == "good"


@pytest.mark.parametrize("name", [each.name for each in all_checks().values() if each.proof])
def test_the_page_that_proves_it_exists(name: str) -> None:
    assert reverse(all_checks()[name].proof)
